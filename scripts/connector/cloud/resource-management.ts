import { createRequire } from 'node:module';
import { type Access, sdkConfig } from './access.ts';
import { call, made } from './call.ts';

type Sdk = typeof import('@alicloud/resourcemanager20200331');

/** Makes service-linked roles. */
export class ResourceManagement {
  readonly #sdk: Sdk;
  readonly #client: InstanceType<Sdk['default']>;

  constructor(access: Access) {
    const require = createRequire(import.meta.url);
    this.#sdk = require('@alicloud/resourcemanager20200331');
    this.#client = new this.#sdk.default(sdkConfig(access, 'resourcemanager.aliyuncs.com'));
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
