import { addAbortSignal, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { HttpConnection, WeightedConnectionPool } from '@elastic/transport';
import type { Settings } from '../../../shared/settings.ts';
import { readCertificate } from '../certificate.ts';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** With its parts encoded. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  /** Bytes are newline-delimited JSON, anything else is made JSON. */
  readonly body?: Buffer | object;
  /** Reads the answer where it is JSON; throws when it is none. `JSON.parse` by default. */
  readonly parse?: (text: string) => unknown;
}

/** What a server answered, whatever its status. */
export interface Answer {
  readonly status: number;
  /** undefined: the body is not JSON. */
  readonly json: unknown;
  /** The node that answered, without credentials. */
  readonly node: string;
  /** Where a redirection points. */
  readonly location?: string | undefined;
}

/** No whole answer came: no connection, a cut one, or too late. */
export class NoAnswer extends Error {
  readonly node: string;
  /** The limit of time cut it off. */
  readonly isTimeout: boolean;

  constructor(node: string, reason: string, isTimeout = false) {
    super(reason);
    this.node = node;
    this.isTimeout = isTimeout;
  }
}

/** JSON types that all servers from 7.0 to 9.x take; those with a version in them are refused by some. */
const contentTypes = { lines: 'application/x-ndjson', json: 'application/json' };

/** The connections to Elasticsearch's nodes, kept alive between invocations. */
export class Client {
  readonly #pool: WeightedConnectionPool;
  readonly #compresses: boolean;

  /** Opens nothing yet; throws `SettingsInvalid` when the file of `ES_CA` cannot be read. */
  constructor(settings: Settings) {
    this.#compresses = settings.ES_COMPRESSION === 'gzip';
    this.#pool = new WeightedConnectionPool({ Connection: HttpConnection, auth: authentication(settings), ...tlsOptions(settings) });
    this.#pool.addConnection([...new Set(settings.ES_ENDPOINT.map((endpoint) => nodeAddress(endpoint, settings)))]);
  }

  /** Resolves to the answer of any status; throws `NoAnswer`, after which nothing of the request is on its way any more. */
  async send(request: Request, limitMs: number): Promise<Answer> {
    const connection = this.#pool.getConnection({ now: Date.now(), requestId: 0, name: '', context: null });
    if (!connection) throw new NoAnswer('', 'the function is being stopped');
    const node = connection.url.origin;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limitMs);
    try {
      const params = await this.#params(request);
      // As a stream: the connection's own limits of time end with the headers, and a body may stall.
      const options = { requestId: 0, name: '', context: null, signal: limit.signal, asStream: true } as const;
      const { statusCode: status, headers, body } = await connection.request(params, options);
      const content = await text(addAbortSignal(limit.signal, body as unknown as Readable));
      this.#pool.markAlive(connection);
      return { status, json: parse(content, headers['content-type'], request.parse ?? JSON.parse), node };
    } catch (error) {
      this.#pool.markDead(connection);
      throw new NoAnswer(node, limit.signal.aborted ? `no answer within ${Math.round(limitMs)} ms` : String(error), limit.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes all sockets. */
  async close(): Promise<void> {
    await this.#pool.empty();
  }

  async #params({ method, path, query, body }: Request) {
    const querystring = new URLSearchParams(query).toString();
    if (body === undefined) return { method, path, querystring, headers: { accept: contentTypes.json } };
    const isLines = Buffer.isBuffer(body);
    const plain = isLines ? body : Buffer.from(JSON.stringify(body));
    const bytes = this.#compresses ? await compress(plain) : plain;
    const headers = {
      accept: contentTypes.json,
      'content-type': isLines ? contentTypes.lines : contentTypes.json,
      'content-length': String(bytes.length),
      ...(this.#compresses && { 'content-encoding': 'gzip' }),
    };
    return { method, path, querystring, headers, body: bytes };
  }
}

/** Level 1: higher ones cost several times the time for a few percent. */
async function compress(bytes: Buffer): Promise<Buffer> {
  // Loaded when first needed: most settings never do.
  const [{ gzip }, { promisify }] = await Promise.all([import('node:zlib'), import('node:util')]);
  return promisify(gzip)(bytes, { level: 1 });
}

function authentication({ ES_API_KEY, ES_PASSWORD, ES_USERNAME }: Settings) {
  return ES_API_KEY ? { apiKey: ES_API_KEY.reveal() } : { username: ES_USERNAME, password: ES_PASSWORD?.reveal() ?? '' };
}

function tlsOptions({ ES_CA, ES_CA_FINGERPRINT }: Settings) {
  // The connection compares the fingerprint itself, in place of the chain that Node would check.
  if (ES_CA_FINGERPRINT) return { caFingerprint: ES_CA_FINGERPRINT, tls: { rejectUnauthorized: false } };
  return ES_CA ? { tls: { ca: readCertificate('ES_CA', ES_CA) } } : {};
}

function nodeAddress(endpoint: string, { ES_PORT, ES_PROTOCOL }: Settings): string {
  const address = new URL(endpoint.includes('://') ? endpoint : `${ES_PROTOCOL}://${endpoint}`);
  if (!/:\d+\/?$/.test(endpoint)) address.port = String(ES_PORT);
  return address.href;
}

function parse(content: string, contentType: unknown, parseJson: (text: string) => unknown): unknown {
  if (!String(contentType).includes('json')) return undefined;
  try {
    return parseJson(content);
  } catch {
    return undefined;
  }
}
