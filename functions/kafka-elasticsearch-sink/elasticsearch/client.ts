import { HttpConnection, Transport, WeightedConnectionPool } from '@elastic/transport';
import type { Settings } from '../../../shared/settings.ts';

/** Opens nothing yet: the first request connects, and later ones keep the connection alive. */
export function createTransport(settings: Settings): Transport {
  const auth = { username: settings.ES_USERNAME, password: settings.ES_PASSWORD.reveal() };
  const connectionPool = new WeightedConnectionPool({ Connection: HttpConnection, auth });
  connectionPool.addConnection(nodeAddress(settings).href);
  return new Transport({
    connectionPool,
    // 7.0 to 9.x all take it; the default names a second type, and a type with a version in it is refused by 7.10.
    vendoredHeaders: { accept: 'application/json' },
    requestTimeout: settings.ES_REQUEST_TIMEOUT_MS,
    maxRetries: 0,
    // Redaction clones the body into every error, seconds for a few MiB; the errors' `meta` is never logged instead.
    redaction: { type: 'off' },
  });
}

function nodeAddress({ ES_ENDPOINT: endpoint, ES_PORT: port, ES_PROTOCOL: protocol }: Settings): URL {
  const address = new URL(endpoint.includes('://') ? endpoint : `${protocol}://${endpoint}`);
  if (!/:\d+\/?$/.test(endpoint)) address.port = String(port);
  return address;
}
