import { Client } from '@elastic/elasticsearch';
import { Transport, type TransportOptions } from '@elastic/transport';

/** Where an Elasticsearch is, and as whom to ask it. */
export interface ElasticsearchAddress {
  /** Scheme, host and port. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** The only certificate authority that is trusted, as PEM text; those that Node trusts when undefined. */
  readonly ca?: string | undefined;
}

/** Versions before 7.14 send no header that names the product, and no version but its own knows a client's vendored media types. */
class PlainTransport extends Transport {
  constructor({ productCheck, vendoredHeaders, ...options }: TransportOptions) {
    super(options);
  }
}

/** Elastic's own client, for Elasticsearch of any version from 7.0 on. */
export function elasticsearchClient({ url, username, password, ca }: ElasticsearchAddress): Client {
  return new Client({
    node: url,
    auth: { username, password },
    Transport: PlainTransport,
    maxRetries: 0,
    ...(ca !== undefined && { tls: { ca } }),
  });
}
