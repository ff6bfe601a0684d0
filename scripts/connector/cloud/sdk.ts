import { createRequire } from 'node:module';
import type { $OpenApiUtil } from '@alicloud/openapi-core';
import type { Access } from './access.ts';

const require = createRequire(import.meta.url);

interface Sdks {
  readonly '@alicloud/alikafka20190916': typeof import('@alicloud/alikafka20190916');
  readonly '@alicloud/ecs20140526': typeof import('@alicloud/ecs20140526');
  readonly '@alicloud/elasticsearch20170613': typeof import('@alicloud/elasticsearch20170613');
  readonly '@alicloud/fc20230330': typeof import('@alicloud/fc20230330');
  readonly '@alicloud/fc2': typeof import('@alicloud/fc2').default;
  readonly '@alicloud/openapi-core': typeof import('@alicloud/openapi-core');
  readonly '@alicloud/ram20150501': typeof import('@alicloud/ram20150501');
  readonly '@alicloud/resourcemanager20200331': typeof import('@alicloud/resourcemanager20200331');
  readonly '@alicloud/sls20201230': typeof import('@alicloud/sls20201230');
  readonly '@alicloud/vpc20160428': typeof import('@alicloud/vpc20160428');
}

/** Loads the SDK of one product, when it is first used: the SDKs are large. */
export function loadSdk<Name extends keyof Sdks>(name: Name): Sdks[Name] {
  return require(name);
}

/** What an SDK does not find out by itself. */
interface ClientOptions {
  /** The host, of a product whose SDK does not know it. */
  readonly endpoint?: string;
  /** Sent with every call. */
  readonly headers?: { readonly [name: string]: string };
  /** How long a response may take; the SDK's own limit when absent. */
  readonly readTimeoutMs?: number;
}

/** Opens the client of any SDK but that of Function Compute 2.0; without an endpoint it finds that of its product and region. */
export function openClient<Client>(
  sdk: { readonly default: new (config: $OpenApiUtil.Config) => Client },
  access: Access,
  { endpoint, headers, readTimeoutMs }: ClientOptions = {},
): Client {
  const { Config, GlobalParameters } = loadSdk('@alicloud/openapi-core').$OpenApiUtil;
  const host = access.endpoint?.host ?? endpoint;
  return new sdk.default(
    new Config({
      accessKeyId: access.accessKeyId,
      accessKeySecret: access.accessKeySecret.reveal(),
      ...(access.securityToken && { securityToken: access.securityToken.reveal() }),
      regionId: access.region,
      protocol: access.endpoint?.protocol.slice(0, -1) ?? 'https',
      ...(host !== undefined && { endpoint: host }),
      ...(readTimeoutMs !== undefined && { readTimeout: readTimeoutMs }),
      globalParameters: new GlobalParameters({ headers: { ...headers, ...(access.endpoint && unsharedConnection) } }),
    }),
  );
}

/** The options of one call, all standard: their class is the base package's, which the SDKs do not pass on. */
export function runtimeOptions(): Parameters<CoreClient['callApi']>[2] {
  const { RuntimeOptions } = createRequire(require.resolve('@alicloud/openapi-core'))('@darabonba/typescript');
  return new RuntimeOptions({});
}

type CoreClient = InstanceType<Sdks['@alicloud/openapi-core']['default']>;

/**
 * Where all products have one address they would share connections, and these SDKs leave on each a timer that then ends a call of Function
 * Compute's: there, no connection is used twice.
 *
 * Source: `READ_TIMER` in https://github.com/JacksonTian/httpx/blob/master/lib/index.js
 */
const unsharedConnection = { connection: 'close' };
