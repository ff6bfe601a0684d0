import { randomBytes } from 'node:crypto';
import { CloudError } from '../cloud-error.ts';
import type { Account } from './account.ts';
import { type AcsAction, type AcsProduct, type Parameters, page } from './acs-product.ts';
import type { Later } from './delays.ts';
import type { State } from './state.ts';

interface SecurityGroupRow {
  readonly securityGroupId: string;
  readonly securityGroupName: string;
  readonly description: string;
  readonly securityGroupType: string;
  readonly vpcId: string;
  readonly creationTime: string;
}

const nameForm = /^(?!https?:\/\/)\p{L}[\p{L}\p{N}._:-]{1,127}$/u;

/** ECS's security groups, API 2014-05-26: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/ecs-20140526 */
export class EcsProduct implements AcsProduct {
  readonly name = 'ecs';
  readonly version = '2014-05-26';
  readonly #account: Account;
  readonly #now: () => number;
  readonly #later: Later;
  readonly #groups;
  /** Tells whether a network interface of another service is in the group. */
  isInUse: (securityGroupId: string) => boolean = () => false;

  constructor(account: Account, state: State, now: () => number, later: Later) {
    this.#later = later;
    this.#account = account;
    this.#now = now;
    this.#groups = state.table<SecurityGroupRow>('security-groups');
  }

  readonly actions: { readonly [action: string]: AcsAction } = {
    DescribeSecurityGroups: ({ parameters }) => this.#describe(parameters),
    CreateSecurityGroup: ({ parameters }) => this.#create(parameters),
    DeleteSecurityGroup: ({ parameters }) => this.#delete(parameters),
  };

  /** The VPC of a security group, or undefined when there is no such group. */
  vpcOf(securityGroupId: string): string | undefined {
    return this.#all().find((group) => group.securityGroupId === securityGroupId)?.vpcId;
  }

  #describe(parameters: Parameters): object {
    const filters = { vpcId: 'VpcId', securityGroupId: 'SecurityGroupId', securityGroupName: 'SecurityGroupName' } as const;
    const matches = (group: SecurityGroupRow) =>
      (['vpcId', 'securityGroupId', 'securityGroupName'] as const).every(
        (field) => (parameters.get(filters[field]) ?? group[field]) === group[field],
      );
    const found = this.#all().filter(matches);
    const number = parameters.integer('PageNumber', 1);
    const size = parameters.integer('PageSize', 10, 1, 100);
    const groups = page(found, number, size).map(view);
    return {
      RegionId: parameters.required('RegionId'),
      PageNumber: number,
      PageSize: size,
      TotalCount: found.length,
      SecurityGroups: { SecurityGroup: groups },
    };
  }

  #create(parameters: Parameters): object {
    parameters.required('RegionId');
    const vpcId = parameters.required('VpcId');
    if (vpcId !== this.#account.vpc.vpcId) throw new CloudError(404, 'InvalidVpcId.NotFound', 'The VpcId provided does not exist.');
    const name = parameters.get('SecurityGroupName') ?? '';
    if (name !== '' && !nameForm.test(name)) {
      throw new CloudError(400, 'InvalidSecurityGroupName.Malformed', 'Specified security group name is not valid.');
    }
    const securityGroupId = `sg-bp1${randomBytes(9).toString('hex').slice(0, 17)}`;
    this.#groups.set(securityGroupId, {
      securityGroupId,
      securityGroupName: name,
      description: parameters.get('Description') ?? '',
      securityGroupType: parameters.get('SecurityGroupType') ?? 'normal',
      vpcId,
      creationTime: new Date(this.#now()).toISOString(),
    });
    return { SecurityGroupId: securityGroupId };
  }

  #delete(parameters: Parameters): object {
    const id = parameters.required('SecurityGroupId');
    if (this.isInUse(id) || this.#later.isPending('networkInterfaces', id))
      throw new CloudError(403, 'DependencyViolation', 'There is still instance(s) in the specified security group.');
    if (!this.#groups.delete(id))
      throw new CloudError(404, 'InvalidSecurityGroupId.NotFound', 'The specified SecurityGroupId does not exist.');
    return {};
  }

  /** Those made here, after those that the Kafka instances brought with them. */
  #all(): SecurityGroupRow[] {
    const brought = this.#account.kafka.map(
      ({ securityGroupId, vpcId, instanceId }): SecurityGroupRow => ({
        securityGroupId,
        securityGroupName: instanceId,
        description: '',
        securityGroupType: 'normal',
        vpcId,
        creationTime: '2024-01-01T00:00:00Z',
      }),
    );
    return [...brought, ...this.#groups.values()];
  }
}

function view({ securityGroupId, securityGroupName, description, securityGroupType, vpcId, creationTime }: SecurityGroupRow): object {
  return {
    SecurityGroupId: securityGroupId,
    SecurityGroupName: securityGroupName,
    Description: description,
    SecurityGroupType: securityGroupType,
    VpcId: vpcId,
    CreationTime: creationTime,
    Tags: { Tag: [] },
  };
}
