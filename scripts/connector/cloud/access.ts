import type { Secret } from '../../../shared/secret.ts';

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
