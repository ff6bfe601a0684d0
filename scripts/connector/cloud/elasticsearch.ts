import { createRequire } from 'node:module';
import { type Access, sdkConfig } from './access.ts';
import { call, found } from './call.ts';

type Sdk = typeof import('@alicloud/elasticsearch20170613');

const product = 'Elasticsearch';

/** An Elasticsearch instance. */
export interface ElasticsearchInstance {
  readonly instanceId: string;
  /** `active`, `activating`, `inactive`, `invalid`. */
  readonly status: string;
  /** Such as `7.10_with_X-Pack`. */
  readonly version: string;
  readonly protocol: 'http' | 'https';
  /** Within its VPC. */
  readonly domain: string;
  readonly port: number;
  readonly vpcId: string;
  readonly vSwitchId: string;
  /** Addresses and networks that may connect from the VPC. */
  readonly whitelist: readonly string[];
}

/** Instances of Alibaba Cloud Elasticsearch. */
export class ElasticsearchCloud {
  readonly #sdk: Sdk;
  readonly #client: InstanceType<Sdk['default']>;

  constructor(access: Access) {
    const require = createRequire(import.meta.url);
    this.#sdk = require('@alicloud/elasticsearch20170613');
    this.#client = new this.#sdk.default(sdkConfig(access));
  }

  async instance(instanceId: string): Promise<ElasticsearchInstance | undefined> {
    const answer = await found(
      call(product, 'DescribeInstance', () => this.#client.describeInstance(instanceId)),
      'InstanceNotFound',
    );
    const instance = answer?.body?.result;
    return (
      instance && {
        instanceId,
        status: instance.status ?? '',
        version: instance.esVersion ?? '',
        protocol: instance.protocol?.toLowerCase() === 'https' ? 'https' : 'http',
        domain: instance.domain ?? '',
        port: instance.port ?? 9200,
        vpcId: instance.networkConfig?.vpcId ?? '',
        vSwitchId: instance.networkConfig?.vswitchId ?? '',
        whitelist: instance.privateNetworkIpWhiteList ?? [],
      }
    );
  }

  /** Replaces the whitelist of the VPC's side. */
  async updateWhitelist(instanceId: string, whitelist: readonly string[]): Promise<void> {
    const body = JSON.stringify({ privateNetworkIpWhiteList: whitelist });
    const request = new this.#sdk.UpdatePrivateNetworkWhiteIpsRequest({ body });
    await call(product, 'UpdatePrivateNetworkWhiteIps', () => this.#client.updatePrivateNetworkWhiteIps(instanceId, request));
  }
}
