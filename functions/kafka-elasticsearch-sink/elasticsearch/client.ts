import { WeightedConnectionPool } from '@elastic/transport';
import { Failure } from '../../../shared/errors.ts';
import type { Settings } from '../../../shared/settings.ts';
import { fromBytes } from '../byte-string.ts';
import { readCertificate } from '../certificate.ts';
import { isTooDeep, mayBeTooDeep } from '../decode.ts';
import { endOfJson, trimSpace } from '../json-checker.ts';
import { hasMoreValues } from '../json-scanner.ts';
import { redact } from '../redact.ts';
import { BodyTooLong, compress, readBody } from './http-body.ts';
import { NodeConnection } from './node-connection.ts';

/** A request to Elasticsearch. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Begins with a slash; its parts are encoded. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  /** Bytes are newline-delimited JSON, anything else is made JSON. */
  readonly body?: Buffer | object;
  /** Parses the body of the response; throws when it is no JSON. By default one that is nested deeper than any document is none either. */
  readonly parse?: (text: string) => unknown;
}

/** The parameters of a documented request that stand in its URL, as texts. */
export type Query<Documented> = { readonly [Name in keyof Documented]?: string };

/** What a server responded, whatever its status. */
export interface Response {
  readonly status: number;
  /** The body; undefined where it is not JSON, whatever it calls itself. */
  readonly json: unknown;
  /** The origin of the node that responded, without credentials. */
  readonly node: string;
  /** Where a status 3xx points to; nothing is sent there. */
  readonly location?: string;
}

/** No whole response came: there was no connection, it was cut, the response came too late, or it was too long. */
export class NoResponse extends Error {
  readonly node: string;
  /** The limit of time ended the try, so that it says nothing of the server. */
  readonly isTimeout: boolean;
  /** The response was longer than any that is read. */
  readonly isTooLong: boolean;

  constructor(node: string, reason: string, { isTimeout = false, isTooLong = false } = {}) {
    super(reason);
    this.node = node;
    this.isTimeout = isTimeout;
    this.isTooLong = isTooLong;
  }
}

/** Media types that all servers from 7.0 to 9.x take; those with a version in them are refused by some. */
const contentTypes = { lines: 'application/x-ndjson', json: 'application/json' };

/** What servers that want TLS say to plain HTTP: nginx, Go, Apache httpd. */
const wantsTls =
  /plain HTTP request was sent to (an )?HTTPS port|sent an HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled/i;

/** The connections to Elasticsearch's nodes, kept alive between invocations. */
export class Client {
  readonly #pool: WeightedConnectionPool;
  readonly #settings: Settings;
  #compresses: boolean;
  /** The only authority that is trusted, as PEM text; undefined where those are that Node trusts, or the fingerprint's is not found yet. */
  #authority: string | undefined;
  /** The origins of nodes that have responded with JSON, so that their protocol must be right. */
  readonly #proven = new Set<string>();
  #warnings: string[] = [];

  /** Opens nothing yet; throws `SettingsInvalid` when `ES_CA` cannot be read. */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#compresses = settings.ES_COMPRESSION === 'gzip';
    if (settings.ES_CA !== undefined && settings.ES_CA_FINGERPRINT === undefined)
      this.#authority = readCertificate('ES_CA', settings.ES_CA);
    this.#pool = new WeightedConnectionPool({ Connection: NodeConnection, auth: authentication(settings) });
    this.#pool.addConnection([...new Set(settings.ES_ENDPOINT.map((endpoint) => nodeAddress(endpoint, settings)))]);
  }

  /**
   * Resolves to a response of any status; throws `NoResponse`, or `ElasticsearchTlsFailed`, after which nothing of the request is on its way
   * any more.
   */
  async send(request: Request, limitMs: number): Promise<Response> {
    const connection = this.#pool.getConnection({ now: Date.now(), requestId: 0, name: '', context: null });
    if (!(connection instanceof NodeConnection)) throw new NoResponse('', 'the function is being stopped');
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limitMs);
    try {
      const response = await this.#sendTo(connection, request, limit.signal);
      this.#pool.markAlive(connection);
      return response;
    } catch (error) {
      this.#pool.markDead(connection);
      const { origin } = connection.url;
      if (limit.signal.aborted) throw new NoResponse(origin, `no answer within ${Math.round(limitMs)} ms`, { isTimeout: true });
      const reason = redact(describe(error), this.#settings);
      throw (
        (await this.#explain(error, connection.url, limit.signal)) ??
        new NoResponse(origin, reason, { isTooLong: error instanceof BodyTooLong })
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** What a person should know of the requests since the last call. */
  takeWarnings(): readonly string[] {
    const warnings = this.#warnings;
    this.#warnings = [];
    return warnings;
  }

  /** Closes all sockets. */
  async close(): Promise<void> {
    await this.#pool.empty();
  }

  async #sendTo(connection: NodeConnection, request: Request, signal: AbortSignal): Promise<Response> {
    const compresses = this.#compresses && request.body !== undefined;
    const response = await this.#exchange(connection, request, compresses, signal);
    if (!compresses || response.status !== 400) return response;
    // Refused for what it says, or by something that does not understand how it is said.
    const plain = await this.#exchange(connection, request, false, signal);
    if (plain.status < 300) this.#stopCompressing(plain.node);
    return plain;
  }

  #stopCompressing(node: string): void {
    if (this.#compresses) this.#warnings.push(`${node} refuses compressed requests (400); ES_COMPRESSION=gzip is taken for none`);
    this.#compresses = false;
  }

  async #exchange(connection: NodeConnection, request: Request, compresses: boolean, signal: AbortSignal): Promise<Response> {
    const { url } = connection;
    const tls = url.protocol === 'https:' ? await this.#trust(url, signal) : {};
    const response = await connection.exchange(await paramsOf(request, compresses), tls, signal);
    const { statusCode: status = 0, headers } = response;
    const body = await readBody(response);
    const json = parse(body, request.parse ?? parseShallow);
    if (json !== undefined) this.#proven.add(url.origin);
    else if (status === 400 && (await this.#isForTls(url, body.toString('latin1', 0, maxLookedAt), signal)))
      throw (await import('./tls.ts')).needsTls(url);
    const location = status >= 300 && status < 400 ? headers.location : undefined;
    return { status, json, node: url.origin, ...(location !== undefined && { location }) };
  }

  /** Looks for the authority of `ES_CA_FINGERPRINT` where it is not known yet: before anything is sent that a stranger must not see. */
  async #trust(url: URL, signal: AbortSignal) {
    const { ES_CA_FINGERPRINT: fingerprint } = this.#settings;
    if (fingerprint !== undefined) this.#authority ??= await (await import('./tls.ts')).findAuthority(url, fingerprint, signal);
    // Said aloud, NODE_TLS_REJECT_UNAUTHORIZED turns nothing off. The authority may be one that another has signed.
    return { rejectUnauthorized: true, ...(this.#authority !== undefined && { ca: this.#authority, allowPartialTrustChain: true }) };
  }

  /** The failure that an error is when a person is needed. */
  async #explain(error: unknown, url: URL, signal: AbortSignal): Promise<Failure | undefined> {
    if (error instanceof Failure) return error;
    if (url.protocol === 'https:') return (await import('./tls.ts')).explain(error, url, this.#settings);
    // Neither is what a server does that speaks HTTP and is in good health.
    const isSuspect = error instanceof Error && 'code' in error && /^(ECONNRESET|EPIPE|HPE_.*)$/.test(String(error.code));
    return isSuspect && (await this.#isForTls(url, '', signal)) ? (await import('./tls.ts')).needsTls(url) : undefined;
  }

  /** Whether a port that got plain HTTP, and did not respond as Elasticsearch does, is one for TLS. */
  async #isForTls(url: URL, content: string, signal: AbortSignal): Promise<boolean> {
    if (url.protocol === 'https:' || this.#proven.has(url.origin)) return false;
    return wantsTls.test(content) || (await import('./tls.ts')).speaksTls(url, signal);
  }
}

async function paramsOf({ method, path, query, body }: Request, compresses: boolean) {
  const querystring = new URLSearchParams(query).toString();
  // A response is small, and a proxy may compress it all the same.
  const accepted = { accept: contentTypes.json, 'accept-encoding': 'identity' };
  if (body === undefined) return { method, path, querystring, headers: accepted };
  const isLines = Buffer.isBuffer(body);
  const plain = isLines ? body : Buffer.from(JSON.stringify(body));
  const bytes = compresses ? await compress(plain) : plain;
  const headers = {
    ...accepted,
    'content-type': isLines ? contentTypes.lines : contentTypes.json,
    'content-length': String(bytes.length),
    ...(compresses && { 'content-encoding': 'gzip' }),
  };
  return { method, path, querystring, headers, body: bytes };
}

function authentication({ ES_API_KEY, ES_PASSWORD, ES_USERNAME }: Settings) {
  return ES_API_KEY ? { apiKey: ES_API_KEY.reveal() } : { username: ES_USERNAME, password: ES_PASSWORD?.reveal() ?? '' };
}

function nodeAddress(endpoint: string, { ES_PORT, ES_PROTOCOL }: Settings): string {
  const address = new URL(endpoint.includes('://') ? endpoint : `${ES_PROTOCOL}://${endpoint}`);
  if (!/:\d+\/?$/.test(endpoint)) address.port = String(ES_PORT);
  return address.href;
}

/** A page of a server that wants TLS says so within as many bytes. */
const maxLookedAt = 10_000;
/** Shorter ones fit in memory, whatever they hold. */
const maxUncountedLength = 1024 * 1024;
/** More than the largest batch has in its items. */
const maxValues = 1_000_000;

/** Whether a body is JSON that fits in memory when it is parsed, which can take twenty times its bytes. */
function isParsable(body: Buffer): boolean {
  if (body.length <= maxUncountedLength) return true;
  const json = trimSpace(fromBytes(body));
  return endOfJson(json, 0) === json.length && !hasMoreValues(json, maxValues);
}

function parse(body: Buffer, parseJson: (text: string) => unknown): unknown {
  try {
    return isParsable(body) ? parseJson(new TextDecoder().decode(body)) : undefined;
  } catch {
    return undefined;
  }
}

/** A document may have 900 levels, and stands in a few more. */
const maxLevels = 1000;

/** Parses what can be made a text again, or walked through, without an end of the stack. */
function parseShallow(text: string): unknown {
  const json: unknown = JSON.parse(text);
  if (mayBeTooDeep(text) && isTooDeep(json, maxLevels)) throw new Error('it is nested too deep');
  return json;
}

/** An error's message and those of its causes: where a name has several addresses, one error holds those of all. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return [error.message.trim(), causes.map(describe).join(', ')].filter((text) => text !== '').join(': ') || error.name;
}
