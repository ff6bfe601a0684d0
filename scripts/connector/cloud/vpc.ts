import type { Access } from './access.ts';
import { call, found } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';

/** A subnet in one zone. */
export interface VSwitch {
  readonly vSwitchId: string;
  readonly vpcId: string;
  readonly zoneId: string;
  readonly cidrBlock: string;
}

/** vSwitches, looked up. */
export class VpcApi {
  readonly #sdk = loadSdk('@alicloud/vpc20160428');
  readonly #client;
  readonly #regionId: string;

  constructor(access: Access) {
    this.#client = openClient(this.#sdk, access);
    this.#regionId = access.region;
  }

  async vSwitch(vSwitchId: string): Promise<VSwitch | undefined> {
    const request = new this.#sdk.DescribeVSwitchAttributesRequest({ regionId: this.#regionId, vSwitchId });
    const response = await found(
      call('VPC', 'DescribeVSwitchAttributes', () => this.#client.describeVSwitchAttributes(request)),
      'InvalidVSwitchId.NotFound',
      'InvalidVswitchID.NotFound',
    );
    const { vpcId, zoneId = '', cidrBlock = '' } = response?.body ?? {};
    return vpcId ? { vSwitchId, vpcId, zoneId, cidrBlock } : undefined;
  }
}
