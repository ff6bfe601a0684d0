import { createRequire } from 'node:module';
import type { $OpenApiUtil } from '@alicloud/openapi-core';
import type { Secret } from '../../../shared/secret.ts';

const require = createRequire(import.meta.url);

/** Who calls the cloud, and where it is. */
export interface Access {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: Secret;
  readonly securityToken: Secret | undefined;
  readonly region: string;
  /** Instead of Alibaba Cloud's own addresses, for every product: `http://host:port`. */
  readonly endpoint: URL | undefined;
}

/**
 * What every SDK but Function Compute's takes; without an endpoint each finds that of its product and region. Where all products have one address
 * they would share connections, and these SDKs leave on each a timer that then ends a call of Function Compute's: there, none is used twice.
 *
 * Source: `READ_TIMER` in https://github.com/JacksonTian/httpx/blob/master/lib/index.js
 */
export function sdkConfig(access: Access, endpoint?: string, headers: { readonly [name: string]: string } = {}): $OpenApiUtil.Config {
  const { $OpenApiUtil: util }: typeof import('@alicloud/openapi-core') = require('@alicloud/openapi-core');
  const address = access.endpoint?.host ?? endpoint;
  return new util.Config({
    accessKeyId: access.accessKeyId,
    accessKeySecret: access.accessKeySecret.reveal(),
    ...(access.securityToken && { securityToken: access.securityToken.reveal() }),
    regionId: access.region,
    protocol: access.endpoint?.protocol.slice(0, -1) ?? 'https',
    ...(address !== undefined && { endpoint: address }),
    globalParameters: new util.GlobalParameters({ headers: { ...headers, ...(access.endpoint && { connection: 'close' }) } }),
  });
}
