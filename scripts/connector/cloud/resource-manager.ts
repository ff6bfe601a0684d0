import type { Access } from './access.ts';
import { call, made } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';

/** Makes service-linked roles. */
export class ResourceManagerApi {
  readonly #sdk = loadSdk('@alicloud/resourcemanager20200331');
  readonly #client;

  constructor(access: Access) {
    this.#client = openClient(this.#sdk, access, { endpoint: 'resourcemanager.aliyuncs.com' });
  }

  /** The role of a service such as `source-kafka.eventbridge.aliyuncs.com`. */
  async createServiceLinkedRole(serviceName: string): Promise<void> {
    const request = new this.#sdk.CreateServiceLinkedRoleRequest({ serviceName });
    await made(
      call('Resource Management', 'CreateServiceLinkedRole', () => this.#client.createServiceLinkedRole(request)),
      'EntityAlreadyExists.Role',
    );
  }
}
