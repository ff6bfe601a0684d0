// The official SDKs, unchanged, pointed at the local cloud.
import { createRequire } from 'node:module';
import type FcClient from '@alicloud/fc2';
import type { AccessKey } from '../../../scripts/local/api/account.ts';

const require = createRequire(import.meta.url);
// CommonJS whose `default` Node and vitest import differently: required, it is what its types say.
const core: typeof import('@alicloud/openapi-core') = require('@alicloud/openapi-core');
export const alikafka: typeof import('@alicloud/alikafka20190916') = require('@alicloud/alikafka20190916');
export const elasticsearch: typeof import('@alicloud/elasticsearch20170613') = require('@alicloud/elasticsearch20170613');
export const vpc: typeof import('@alicloud/vpc20160428') = require('@alicloud/vpc20160428');
export const ecs: typeof import('@alicloud/ecs20140526') = require('@alicloud/ecs20140526');
export const ram: typeof import('@alicloud/ram20150501') = require('@alicloud/ram20150501');
export const fc3: typeof import('@alicloud/fc20230330') = require('@alicloud/fc20230330');
export const resourceManager: typeof import('@alicloud/resourcemanager20200331') = require('@alicloud/resourcemanager20200331');
export const sls: typeof import('@alicloud/sls20201230') = require('@alicloud/sls20201230');
const Fc: typeof FcClient = require('@alicloud/fc2');

/** One client of each SDK, with one key. */
export class Clients {
  readonly #endpoint: string;
  readonly #key: AccessKey;
  readonly fc;
  readonly fc3;
  readonly kafka;
  readonly elasticsearch;
  readonly vpc;
  readonly ecs;
  readonly ram;
  readonly resourceManager;

  constructor(endpoint: string, key: AccessKey) {
    this.#endpoint = endpoint;
    this.#key = key;
    const { accessKeyId: accessKeyID, accessKeySecret } = key;
    this.fc = new Fc('1234567890123456', { accessKeyID, accessKeySecret, region: 'cn-hangzhou', endpoint });
    this.fc3 = new fc3.default(this.#config());
    this.kafka = new alikafka.default(this.#config());
    this.elasticsearch = new elasticsearch.default(this.#config());
    this.vpc = new vpc.default(this.#config());
    this.ecs = new ecs.default(this.#config());
    this.ram = new ram.default(this.#config());
    this.resourceManager = new resourceManager.default(this.#config());
  }

  /** A client of Log Service; the project goes into a header, since it cannot go into this machine's host name. */
  sls(project?: string): InstanceType<typeof sls.default> {
    const client = new sls.default(this.#config(project === undefined ? {} : { 'x-log-project': project }));
    Object.assign(client._spi, { getHost: async (_network: string, _project: string, endpoint: string) => endpoint });
    return client;
  }

  /** Calls EventBridge with the SDKs' base class, in the form that its own SDK uses: its calls differ in action and parameters alone. */
  async eventBridge(action: string, { query = {}, body = {} }: { query?: Texts; body?: Texts }): Promise<Body> {
    return this.acs('2020-04-01', action, query, body);
  }

  /** Adds to the whitelist as another user of the account would, past whatever a test has switched on. */
  async addToWhitelist(instanceId: string, network: string): Promise<void> {
    const body = JSON.stringify({ whiteIpGroup: { groupName: 'default', ips: [network], whiteIpType: 'PRIVATE_ES' } });
    const request = new elasticsearch.UpdatePrivateNetworkWhiteIpsRequest({ body, modifyMode: 'Append' });
    await this.elasticsearch.updatePrivateNetworkWhiteIps(instanceId, request);
  }

  /** Makes any RPC call. */
  async acs(version: string, action: string, query: Texts, body: Texts = {}): Promise<Body> {
    const client = new core.default(this.#config());
    const params = new core.$OpenApiUtil.Params({
      action,
      version,
      protocol: 'HTTP',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const request = new core.$OpenApiUtil.OpenApiRequest({ query, ...(Object.keys(body).length > 0 && { body }) });
    const response = await client.callApi(params, request, runtimeOptions());
    return response.body;
  }

  #config(headers: Texts = {}): InstanceType<typeof core.$OpenApiUtil.Config> {
    // Connections that the SDKs share carry timers from one's call into another's: see `openClient` in scripts/connector/cloud/sdk.ts.
    const globalParameters = new core.$OpenApiUtil.GlobalParameters({ headers: { ...headers, connection: 'close' } });
    const endpoint = new URL(this.#endpoint).host;
    return new core.$OpenApiUtil.Config({ ...this.#key, endpoint, protocol: 'http', regionId: 'cn-hangzhou', globalParameters });
  }
}

interface Texts {
  readonly [name: string]: string;
}

type Body = Awaited<ReturnType<InstanceType<typeof core.default>['callApi']>>[string];

export function runtimeOptions(): Parameters<InstanceType<typeof core.default>['callApi']>[2] {
  const { RuntimeOptions } = createRequire(require.resolve('@alicloud/openapi-core'))('@darabonba/typescript');
  return new RuntimeOptions({});
}
