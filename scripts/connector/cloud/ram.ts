import { createRequire } from 'node:module';
import { type Access, sdkConfig } from './access.ts';
import { call, found } from './call.ts';

type Sdk = typeof import('@alicloud/ram20150501');

/** Roles of the account, looked up. */
export class RamCloud {
  readonly #sdk: Sdk;
  readonly #client: InstanceType<Sdk['default']>;

  constructor(access: Access) {
    const require = createRequire(import.meta.url);
    this.#sdk = require('@alicloud/ram20150501');
    this.#client = new this.#sdk.default(sdkConfig(access));
  }

  /** The role's ARN. */
  async roleArn(roleName: string): Promise<string | undefined> {
    const answer = await found(
      call('RAM', 'GetRole', () => this.#client.getRole(new this.#sdk.GetRoleRequest({ roleName }))),
      'EntityNotExist.Role',
    );
    return answer?.body?.role?.arn;
  }
}
