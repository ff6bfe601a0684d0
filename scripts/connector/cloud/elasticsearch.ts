import { randomUUID } from 'node:crypto';
import type { Access } from './access.ts';
import { CloudFailure, call, found } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';
import { waitUntil } from './waiting.ts';

const product = 'Elasticsearch';
/** https://github.com/aliyun/terraform-provider-alicloud/blob/master/alicloud/service_alicloud_elasticsearch.go; a change of a busy instance takes longer than that. */
const activeSeconds = 1200;

/** An Elasticsearch instance. */
export interface ElasticsearchInstance {
  readonly instanceId: string;
  /** `active`, `activating`, `inactive`, `invalid`. */
  readonly status: string;
  /** The version and edition, for example `7.10_with_X-Pack`. */
  readonly version: string;
  readonly protocol: 'http' | 'https';
  /** The domain name within the instance's VPC. */
  readonly domain: string;
  readonly port: number;
  readonly vpcId: string;
  readonly vSwitchId: string;
  /** Addresses and networks that may connect from the VPC; undefined: the API does not tell. */
  readonly whitelist: readonly string[] | undefined;
}

/** Instances of Alibaba Cloud Elasticsearch. */
export class ElasticsearchApi {
  readonly #sdk = loadSdk('@alicloud/elasticsearch20170613');
  readonly #client;

  constructor(access: Access) {
    this.#client = openClient(this.#sdk, access);
  }

  async instance(instanceId: string): Promise<ElasticsearchInstance | undefined> {
    const response = await found(
      call(product, 'DescribeInstance', () => this.#client.describeInstance(instanceId)),
      'InstanceNotFound',
    );
    const instance = response?.body?.result;
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
        whitelist: whitelistOf(instance.privateNetworkIpWhiteList, instance.networkConfig?.whiteIpGroupList),
      }
    );
  }

  /** Which of its two forms the API tells of the whitelist; the groups by the side that they let in, such as `PRIVATE_ES`. */
  async whitelistForms(instanceId: string): Promise<{ readonly hasList: boolean; readonly groups: readonly string[] }> {
    const { body } = await call(product, 'DescribeInstance', () => this.#client.describeInstance(instanceId));
    const { privateNetworkIpWhiteList, networkConfig } = body?.result ?? {};
    const groups = networkConfig?.whiteIpGroupList ?? [];
    return { hasList: privateNetworkIpWhiteList !== undefined, groups: groups.map(({ whiteIpType = '' }) => whiteIpType) };
  }

  /**
   * Lets a network in from the VPC's side, and waits until the instance has taken it up. What others add at the same time stays: the group form of
   * the call appends, its list form replaces, and stands in where the group form is not known.
   *
   * Source: https://help.aliyun.com/zh/es/developer-reference/api-elasticsearch-2017-06-13-updateprivatenetworkwhiteips
   */
  async allow(instanceId: string, network: string): Promise<void> {
    const whiteIpGroup = { groupName: 'default', ips: [network], whiteIpType: 'PRIVATE_ES' };
    const wasTaken = await this.#updateWhitelist(instanceId, { whiteIpGroup }, 'Append').catch((error: unknown) => {
      if (error instanceof CloudFailure && /^(InvalidParameter|MissingParameter)/.test(error.code)) return false;
      throw error;
    });
    const before = await this.#onceActive(instanceId);
    if (wasTaken && (before?.includes(network) ?? true)) return;
    if (!before) throw new Error(`${product}: the whitelist of ${instanceId} is not known; add ${network} to it in the console.`);
    await this.#updateWhitelist(instanceId, { privateNetworkIpWhiteList: [...before, network] });
    await this.#onceActive(instanceId);
  }

  async #updateWhitelist(instanceId: string, body: object, modifyMode?: 'Append'): Promise<boolean> {
    const options = { body: JSON.stringify(body), clientToken: randomUUID(), ...(modifyMode && { modifyMode }) };
    const request = new this.#sdk.UpdatePrivateNetworkWhiteIpsRequest(options);
    await call(product, 'UpdatePrivateNetworkWhiteIps', () => this.#client.updatePrivateNetworkWhiteIps(instanceId, request));
    return true;
  }

  /** The whitelist, once the instance is no longer busy with a change. */
  async #onceActive(instanceId: string): Promise<readonly string[] | undefined> {
    let instance: ElasticsearchInstance | undefined;
    const isActive = async () => {
      instance = await this.instance(instanceId);
      return instance?.status === 'active';
    };
    if (await waitUntil('Elasticsearch to be active again', activeSeconds, isActive)) return instance?.whitelist;
    throw new Error(
      `${product}: ${instanceId} is ${instance?.status} even after ${activeSeconds} s. Run the command again once it is active.`,
    );
  }
}

interface WhitelistGroup {
  readonly ips?: readonly string[];
  readonly whiteIpType?: string;
}

/** The list, which is that of the default group, and all groups of the VPC's side. */
function whitelistOf(list: readonly string[] | undefined, groups: readonly WhitelistGroup[] | undefined): readonly string[] | undefined {
  const ofVpc = groups?.filter(({ whiteIpType }) => whiteIpType === 'PRIVATE_ES').flatMap(({ ips }) => ips ?? []);
  return list || ofVpc ? [...new Set([...(list ?? []), ...(ofVpc ?? [])])] : undefined;
}
