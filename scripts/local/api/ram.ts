import type { AcsAction, AcsProduct } from './acs-product.ts';
import type { Roles } from './roles.ts';

/** RAM, API 2015-05-01: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/ram-20150501 */
export function ramProduct(roles: Roles): AcsProduct {
  const getRole: AcsAction = ({ parameters }) => ({ Role: roles.describe(parameters.required('RoleName')) });
  return { name: 'ram', version: '2015-05-01', actions: { GetRole: getRole } };
}
