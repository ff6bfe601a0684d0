import type { AcsAction, AcsProduct } from './acs-product.ts';
import type { Roles } from './roles.ts';

/** Resource Management, API 2020-03-31: https://www.alibabacloud.com/help/en/resource-management/developer-reference/api-resourcemanager-2020-03-31-createservicelinkedrole */
export function resourceManagerProduct(roles: Roles): AcsProduct {
  const create: AcsAction = ({ parameters }) => ({ Role: roles.createServiceLinked(parameters.required('ServiceName')) });
  return { name: 'resourcemanager', version: '2020-03-31', actions: { CreateServiceLinkedRole: create } };
}
