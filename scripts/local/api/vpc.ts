import { CloudError } from '../cloud-error.ts';
import type { Account } from './account.ts';
import type { AcsAction, AcsProduct } from './acs-product.ts';

/** VPC, API 2016-04-28, read-only: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/vpc-20160428 */
export function vpcProduct({ region, vpc, vSwitches, accountId }: Account): AcsProduct {
  const describeVSwitch: AcsAction = ({ parameters }) => {
    const id = parameters.required('VSwitchId');
    const vSwitch = vSwitches.find((candidate) => candidate.vSwitchId === id);
    if (!vSwitch) throw new CloudError(404, 'InvalidVSwitchId.NotFound', 'Specified virtual switch does not exist.');
    const { vSwitchId, vpcId, zoneId, cidrBlock } = vSwitch;
    return { VSwitchId: vSwitchId, VpcId: vpcId, ZoneId: zoneId, CidrBlock: cidrBlock, Status: 'Available', AvailableIpAddressCount: 252 };
  };
  const describeVpc: AcsAction = ({ parameters }) => {
    if (parameters.required('VpcId') !== vpc.vpcId) throw new CloudError(404, 'InvalidVpcId.NotFound', 'Specified VPC does not exist.');
    const vSwitchIds = { VSwitchId: vSwitches.map(({ vSwitchId }) => vSwitchId) };
    return {
      VpcId: vpc.vpcId,
      CidrBlock: vpc.cidrBlock,
      RegionId: region,
      Status: 'Available',
      OwnerId: Number(accountId),
      VSwitchIds: vSwitchIds,
    };
  };
  return { name: 'vpc', version: '2016-04-28', actions: { DescribeVSwitchAttributes: describeVSwitch, DescribeVpcAttribute: describeVpc } };
}
