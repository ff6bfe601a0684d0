import { createRequire } from 'node:module';
import { type Access, sdkConfig } from './access.ts';
import { call, found } from './call.ts';

type Sdk = typeof import('@alicloud/vpc20160428');

/** A subnet in one zone. */
export interface VSwitch {
  readonly vSwitchId: string;
  readonly vpcId: string;
  readonly zoneId: string;
  readonly cidrBlock: string;
}

/** vSwitches, looked up. */
export class VpcCloud {
  readonly #sdk: Sdk;
  readonly #client: InstanceType<Sdk['default']>;
  readonly #regionId: string;

  constructor(access: Access) {
    const require = createRequire(import.meta.url);
    this.#sdk = require('@alicloud/vpc20160428');
    this.#client = new this.#sdk.default(sdkConfig(access));
    this.#regionId = access.region;
  }

  async vSwitch(vSwitchId: string): Promise<VSwitch | undefined> {
    const request = new this.#sdk.DescribeVSwitchAttributesRequest({ regionId: this.#regionId, vSwitchId });
    const answer = await found(
      call('VPC', 'DescribeVSwitchAttributes', () => this.#client.describeVSwitchAttributes(request)),
      'InvalidVSwitchId.NotFound',
      'InvalidVswitchID.NotFound',
    );
    const { vpcId, zoneId = '', cidrBlock = '' } = answer?.body ?? {};
    return vpcId ? { vSwitchId, vpcId, zoneId, cidrBlock } : undefined;
  }
}
