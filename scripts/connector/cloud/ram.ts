import type { Access } from './access.ts';
import { call, found } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';

/** Roles of the account, looked up. */
export class RamApi {
  readonly #sdk = loadSdk('@alicloud/ram20150501');
  readonly #client;

  constructor(access: Access) {
    this.#client = openClient(this.#sdk, access);
  }

  /** The ARN of a role that is named by its name or its ARN; undefined when there is none. */
  async roleArn(role: string): Promise<string | undefined> {
    const roleName = role.startsWith('acs:') ? (role.split('/').at(-1) ?? '') : role;
    const response = await found(
      call('RAM', 'GetRole', () => this.#client.getRole(new this.#sdk.GetRoleRequest({ roleName }))),
      'EntityNotExist.Role',
    );
    return response?.body?.role?.arn;
  }
}
