import type { AcsAction, AcsProduct } from './acs-product.ts';
import type { Roles } from './roles.ts';

/** Resource Management, API 2020-03-31: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/resourcemanager-20200331 */
export function resourceManagerProduct(roles: Roles): AcsProduct {
  const create: AcsAction = ({ parameters }) => ({ Role: roles.createServiceLinked(parameters.required('ServiceName')) });
  return { name: 'resourcemanager', version: '2020-03-31', actions: { CreateServiceLinkedRole: create } };
}
