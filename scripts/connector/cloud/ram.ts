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

  /** The role's ARN. */
  async roleArn(roleName: string): Promise<string | undefined> {
    const response = await found(
      call('RAM', 'GetRole', () => this.#client.getRole(new this.#sdk.GetRoleRequest({ roleName }))),
      'EntityNotExist.Role',
    );
    return response?.body?.role?.arn;
  }
}
