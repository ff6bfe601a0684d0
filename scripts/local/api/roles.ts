import { randomInt } from 'node:crypto';
import { CloudError } from '../cloud-error.ts';
import type { Account } from './account.ts';
import type { Later } from './delays.ts';
import type { State } from './state.ts';

interface RoleRow {
  readonly roleName: string;
  readonly roleId: string;
  readonly createDate: string;
  /** The service of a service-linked role. */
  readonly serviceName?: string;
}

/** The role of each service that a connector's way needs: https://github.com/devsapp/fc-deploy, https://www.alibabacloud.com/help/en/functioncompute/security-and-compliance/service-linked-role-of-function-compute */
const serviceLinkedRoles: ReadonlyMap<string, string> = new Map([
  ['fc.aliyuncs.com', 'AliyunServiceRoleForFC'],
  ['sendevent-fc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToFC'],
  ['sendevent-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToKafka'],
  ['source-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSourceKafka'],
  ['connect-vpc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeConnectVPC'],
]);

/** The account's roles, which RAM, Resource Management and EventBridge make and read. */
export class Roles {
  readonly #account: Account;
  readonly #now: () => number;
  readonly #later: Later;
  readonly #made;

  constructor(account: Account, state: State, now: () => number, later: Later) {
    this.#account = account;
    this.#later = later;
    this.#now = now;
    this.#made = state.table<RoleRow>('roles');
  }

  /** Whether the service may act in the account, by now. */
  hasServiceLinked(serviceName: string): boolean {
    if (this.#later.isPending('roles', serviceName)) return false;
    return this.#find(serviceLinkedRoles.get(serviceName) ?? '') !== undefined;
  }

  /** Whether the ARN is one of a role of the account; case does not count. */
  hasArn(arn: string): boolean {
    const names = [...this.#account.roles, ...this.#made.values().map(({ roleName }) => roleName)];
    return names.some((name) => this.#arn(name) === arn.toLowerCase());
  }

  /** Makes the role of a service, given by the service's or the role's name; throws `CloudError`. */
  createServiceLinked(name: string): object {
    const [serviceName, roleName] = [...serviceLinkedRoles].find((pair) => pair.includes(name)) ?? [];
    if (roleName === undefined || serviceName === undefined) {
      throw new CloudError(400, 'InvalidParameter.ServiceName', `The service ${name} has no service-linked role.`);
    }
    if (this.#find(roleName)) throw new CloudError(409, 'EntityAlreadyExists.Role', `The role already exists: ${roleName}.`);
    const row = { roleName, roleId: String(randomInt(1e11, 9e11)), createDate: new Date(this.#now()).toISOString(), serviceName };
    this.#made.set(roleName, row);
    this.#later.begin('roles', serviceName);
    return this.#view(row);
  }

  /** Throws `CloudError`. */
  describe(roleName: string): object {
    const row = this.#find(roleName);
    if (!row) throw new CloudError(404, 'EntityNotExist.Role', `The role not exists: ${roleName}.`);
    return this.#view(row);
  }

  #find(roleName: string): RoleRow | undefined {
    const seeded = { roleName, roleId: '300000000000000001', createDate: '2024-01-01T00:00:00Z' };
    return this.#made.get(roleName) ?? (this.#account.roles.includes(roleName) ? seeded : undefined);
  }

  #arn(roleName: string): string {
    return `acs:ram::${this.#account.accountId}:role/${roleName.toLowerCase()}`;
  }

  #view({ roleName, roleId, createDate, serviceName = 'fc.aliyuncs.com' }: RoleRow): object {
    const statement = { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [serviceName] } };
    return {
      RoleName: roleName,
      RoleId: roleId,
      Arn: this.#arn(roleName),
      CreateDate: createDate,
      AssumeRolePolicyDocument: JSON.stringify({ Statement: [statement], Version: '1' }),
    };
  }
}
