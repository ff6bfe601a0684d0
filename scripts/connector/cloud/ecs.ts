import { randomUUID } from 'node:crypto';
import type { Access } from './access.ts';
import { call, found } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';

/** A security group, which is in one VPC. */
export interface SecurityGroup {
  readonly securityGroupId: string;
  readonly vpcId: string;
  readonly description: string;
}

/** Security groups of ECS. */
export class EcsApi {
  readonly #sdk = loadSdk('@alicloud/ecs20140526');
  readonly #client;
  readonly #regionId: string;

  constructor(access: Access) {
    this.#client = openClient(this.#sdk, access);
    this.#regionId = access.region;
  }

  /** Finds a group by its id, or by its name within a VPC; of several the oldest, which every deployment finds. */
  async securityGroup(by: { securityGroupId: string } | { vpcId: string; securityGroupName: string }): Promise<SecurityGroup | undefined> {
    const request = new this.#sdk.DescribeSecurityGroupsRequest({ regionId: this.#regionId, ...by });
    const { body } = await call('ECS', 'DescribeSecurityGroups', () => this.#client.describeSecurityGroups(request));
    const age = ({ creationTime = '', securityGroupId = '' }: { readonly creationTime?: string; readonly securityGroupId?: string }) =>
      `${creationTime} ${securityGroupId}`;
    const [group] = (body?.securityGroups?.securityGroup ?? []).sort((left, right) => (age(left) < age(right) ? -1 : 1));
    return group && { securityGroupId: group.securityGroupId ?? '', vpcId: group.vpcId ?? '', description: group.description ?? '' };
  }

  /** Resolves to its id. Names may repeat: an attempt whose response was lost must not make a second group. */
  async createSecurityGroup(vpcId: string, securityGroupName: string, description: string): Promise<string> {
    const group = { vpcId, securityGroupName };
    const request = new this.#sdk.CreateSecurityGroupRequest({
      regionId: this.#regionId,
      ...group,
      description,
      clientToken: randomUUID(),
    });
    const made = await call('ECS', 'CreateSecurityGroup', async () => {
      const found = await this.securityGroup(group);
      return found?.securityGroupId ?? (await this.#client.createSecurityGroup(request)).body?.securityGroupId ?? '';
    });
    // Another deployment may have made one meanwhile: all take the oldest.
    const first = (await this.securityGroup(group))?.securityGroupId ?? made;
    if (first !== made) await this.deleteSecurityGroup(made);
    return first;
  }

  async deleteSecurityGroup(securityGroupId: string): Promise<void> {
    const request = new this.#sdk.DeleteSecurityGroupRequest({ regionId: this.#regionId, securityGroupId });
    await found(
      call('ECS', 'DeleteSecurityGroup', () => this.#client.deleteSecurityGroup(request)),
      'InvalidSecurityGroupId.NotFound',
    );
  }
}
