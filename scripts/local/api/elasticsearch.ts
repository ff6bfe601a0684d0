import { CloudError } from '../cloud-error.ts';
import type { Account, ElasticsearchInstance } from './account.ts';
import type { AcsAction, AcsCall, AcsProduct } from './acs-product.ts';
import type { Later } from './delays.ts';
import { isObject, jsonBody, objectAt } from './http.ts';
import type { State } from './state.ts';

interface WhitelistRow {
  readonly ips: readonly string[];
}

const pathForm = /^\/openapi\/instances\/([^/]+)(\/|$)/;
const addressForm = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/;

/** Alibaba Cloud Elasticsearch, API 2017-06-13, ROA style, for real servers: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/elasticsearch-20170613 */
export class ElasticsearchProduct implements AcsProduct {
  readonly name = 'elasticsearch';
  readonly version = '2017-06-13';
  readonly #account: Account;
  readonly #later: Later;
  readonly #whitelists;

  constructor(account: Account, state: State, later: Later) {
    this.#later = later;
    this.#account = account;
    this.#whitelists = state.table<WhitelistRow>('elasticsearch-whitelists');
  }

  readonly actions: { readonly [action: string]: AcsAction } = {
    DescribeInstance: async (call) => ({ Result: await this.#describe(this.#instance(call)) }),
    UpdatePrivateNetworkWhiteIps: (call) => this.#updateWhitelist(call),
  };

  #instance({ request }: AcsCall): ElasticsearchInstance {
    const [, instanceId = ''] = pathForm.exec(decodeURIComponent(request.path)) ?? [];
    const instance = this.#account.elasticsearch.find((candidate) => candidate.instanceId === instanceId);
    if (instance) return instance;
    throw new CloudError(404, 'InstanceNotFound', `The instanceId ${instanceId} provided does not exist.`);
  }

  async #describe(instance: ElasticsearchInstance): Promise<object> {
    const { instanceId, description, vpcId, vSwitchId, url, authorization, autoCreateIndex } = instance;
    const { hostname, port, protocol } = new URL(url);
    const esVersion = await serverVersion(url, authorization);
    const zoneId = this.#account.vSwitches.find((vSwitch) => vSwitch.vSwitchId === vSwitchId)?.zoneId ?? '';
    return {
      instanceId,
      description,
      status: esVersion === undefined || this.#later.isPending('whitelists', instanceId) ? 'activating' : 'active',
      esVersion: esVersion ?? '',
      protocol: protocol.slice(0, -1).toUpperCase(),
      domain: hostname,
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      enablePublic: false,
      networkConfig: {
        type: 'vpc',
        vpcId,
        vswitchId: vSwitchId,
        vsArea: zoneId,
        whiteIpGroupList: [{ groupName: 'default', ips: this.#whitelist(instance), whiteIpType: 'PRIVATE_ES' }],
      },
      zoneInfos: [{ zoneId, status: 'NORMAL' }],
      privateNetworkIpWhiteList: this.#whitelist(instance),
      publicIpWhitelist: [],
      esConfig: { 'action.auto_create_index': autoCreateIndex, 'action.destructive_requires_name': 'true' },
    };
  }

  /** Changes the whitelist by a list, which replaces it, or by a group, as `modifyMode` says: https://help.aliyun.com/zh/es/developer-reference/api-elasticsearch-2017-06-13-updateprivatenetworkwhiteips */
  #updateWhitelist(call: AcsCall): object {
    const instance = this.#instance(call);
    if (this.#later.isPending('whitelists', instance.instanceId)) {
      throw new CloudError(
        400,
        'InstanceStatusNotSupportCurrentAction',
        'The current status of the instance does not support this action.',
      );
    }
    const body = objectAt({ body: jsonBody(call.request) }, 'body');
    const isGroup = body.whiteIpGroup !== undefined;
    if (isGroup === (body.privateNetworkIpWhiteList !== undefined)) {
      throw new CloudError(400, 'InvalidParameter', 'give one of privateNetworkIpWhiteList and whiteIpGroup.');
    }
    const given = addresses(isGroup ? objectAt(body, 'whiteIpGroup').ips : body.privateNetworkIpWhiteList);
    const mode = isGroup ? (call.parameters.get('modifyMode') ?? 'Cover') : 'Cover';
    this.#whitelists.set(instance.instanceId, { ips: changed(this.#whitelist(instance), given, mode) });
    this.#later.begin('whitelists', instance.instanceId);
    return { Result: { privateNetworkIpWhiteList: this.#whitelist(instance) } };
  }

  #whitelist({ instanceId, privateNetworkIpWhiteList }: ElasticsearchInstance): readonly string[] {
    return this.#whitelists.get(instanceId)?.ips ?? privateNetworkIpWhiteList;
  }
}

/** The server's version as the cloud writes it, `7.10_with_X-Pack`; undefined while the server does not answer. */
async function serverVersion(url: string, authorization: string | undefined): Promise<string | undefined> {
  try {
    const response: unknown = await (await fetch(url, authorization === undefined ? {} : { headers: { authorization } })).json();
    const { number } = objectAt(isObject(response) ? response : {}, 'version');
    const [major, minor] = String(number).split('.');
    return `${major}.${minor}_with_X-Pack`;
  } catch {
    return undefined;
  }
}

function addresses(value: unknown): string[] {
  if (Array.isArray(value) && value.every((ip) => typeof ip === 'string' && addressForm.test(ip))) return value.map(String);
  throw new CloudError(400, 'InvalidParameter', 'the whitelist is not a list of addresses.');
}

function changed(before: readonly string[], given: readonly string[], mode: string): string[] {
  if (mode === 'Cover') return [...given];
  if (mode === 'Append') return [...new Set([...before, ...given])];
  if (mode === 'Delete') return before.filter((ip) => !given.includes(ip));
  throw new CloudError(400, 'InvalidParameter', `modifyMode ${mode} is not Cover, Append or Delete.`);
}
