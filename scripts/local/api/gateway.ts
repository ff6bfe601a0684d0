import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudError } from '../cloud-error.ts';
import type { Account } from './account.ts';
import type { Faults } from './faults.ts';
import { type ApiRequest, type ApiResponse, header } from './http.ts';
import { permissionFor } from './permissions.ts';
import type { Protocol } from './protocols/protocol.ts';

/** A package of 100 MB is the longest that is taken; one that is longer is told so by its service. */
const maxBodyBytes = 128 * 1024 * 1024;
/** What a request says wrong is quoted so far. */
const maxMessageLength = 2000;

/** What every call meets before it is done. */
export interface GatewayRules {
  readonly faults: Faults;
  /** Whose user calls, and may do what its policy says. */
  readonly account: Account;
}

/** The cloud's one door on this machine: every service's API on one loopback port, told apart by how requests are signed and addressed. */
export class Gateway implements AsyncDisposable {
  readonly #rules: GatewayRules;
  readonly #protocols: readonly Protocol[];
  readonly #onDefect: (error: unknown) => void;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  private constructor(protocols: readonly Protocol[], rules: GatewayRules, onDefect: (error: unknown) => void) {
    this.#protocols = protocols;
    this.#rules = rules;
    this.#onDefect = onDefect;
  }

  /** Listens on a port of the system's choice unless one is given; `onDefect` gets what no API answers, a fault of this code. */
  static async start(protocols: readonly Protocol[], rules: GatewayRules, onDefect: (error: unknown) => void, port = 0): Promise<Gateway> {
    const gateway = new Gateway(protocols, rules, onDefect);
    gateway.#server.listen(port, '127.0.0.1');
    await once(gateway.#server, 'listening');
    return gateway;
  }

  /** `127.0.0.1:port` */
  get host(): string {
    const address: AddressInfo | string | null = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the gateway does not listen');
    return `127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await read(incoming);
      if (body) send(response, await this.#respond(requestOf(incoming, body)));
      else send(response, { ...refused(413, 'EntityTooLarge', `more than ${maxBodyBytes} bytes`), headers: { connection: 'close' } });
    } catch (error) {
      // The client has gone, or the answer could not be written: there is no one to tell but the owner.
      if (!(error instanceof ResponseLost || error instanceof ClientGone)) this.#onDefect(error);
      response.destroy();
    }
  }

  async #respond(request: ApiRequest): Promise<ApiResponse> {
    const refusal = refusalAtTheDoor(request);
    if (refusal) return refusal;
    const protocol = this.#protocols.find((candidate) => candidate.claims(request));
    if (!protocol) return refused(404, 'NoSuchService', `no service answers ${request.method} ${request.path}`);
    const requestId = protocol.newRequestId();
    try {
      return protocol.success(await this.#perform(protocol, request, requestId), requestId);
    } catch (error) {
      if (error instanceof CloudError) return protocol.failure(shortened(error), requestId);
      if (error instanceof ResponseLost) throw error;
      this.#onDefect(error);
      return protocol.failure(protocol.fault('internal-error'), requestId);
    }
  }

  async #perform(protocol: Protocol, request: ApiRequest, requestId: string): Promise<ApiResponse> {
    protocol.authenticate(request);
    const operation = protocol.resolve(request, requestId);
    const missing = permissionFor(this.#rules.account, operation);
    if (missing) throw protocol.denied(missing);
    const fault = await this.#rules.faults.meet(operation);
    if (fault?.kind === 'response-lost') {
      await operation.run();
      throw new ResponseLost();
    }
    if (fault?.kind === 'refused') throw new CloudError(fault.status, fault.code, fault.message);
    if (fault) throw protocol.fault(fault.kind);
    return operation.run();
  }
}

/** The connection breaks after the work has been done. */
class ResponseLost extends Error {}

/** The connection broke before the request was whole. */
class ClientGone extends Error {}

/** The whole body; undefined when it is longer than any that is taken, the rest of which nobody keeps. */
async function read(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of incoming.iterator({ destroyOnReturn: false })) {
      bytes += part.length;
      if (bytes > maxBodyBytes) return undefined;
      parts.push(part);
    }
  } catch (error) {
    throw new ClientGone('', { cause: error });
  }
  return Buffer.concat(parts);
}

function requestOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): ApiRequest {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  return { method, path, query: new URLSearchParams(query), headers, body };
}

/**
 * What no client of the APIs sends. The account's key is no secret here, so that a signature proves nothing: a page in this machine's browser is kept
 * out by what the browser tells of it, its origin and, where the page's own name has been pointed to this machine (DNS rebinding), that name.
 */
function refusalAtTheDoor(request: ApiRequest): ApiResponse | undefined {
  if (!isLocalName(header(request, 'host'))) return refused(403, 'Forbidden', 'the host is not this machine');
  if (header(request, 'origin') !== '' || header(request, 'sec-fetch-site') !== '')
    return refused(403, 'Forbidden', 'this is not for web pages');
  if (!isDecodable(request.path)) return refused(400, 'InvalidURI', 'the path is not percent-encoded UTF-8');
  return undefined;
}

/** Whether a name of this machine stands before the port, or the cloud's own, which nobody else can point here. */
function isLocalName(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]|([\w-]+\.)+aliyuncs\.com)(:\d+)?$/i.test(host);
}

function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

function shortened({ code, message, status }: CloudError): CloudError {
  return new CloudError(status, code, message.slice(0, maxMessageLength));
}

function refused(status: number, code: string, message: string): ApiResponse {
  return { status, body: { Code: code, Message: message.slice(0, maxMessageLength) } };
}

function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  const isBytes = Buffer.isBuffer(body);
  const bytes = isBytes ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const contentType = isBytes ? 'application/octet-stream' : 'application/json';
  response
    .writeHead(status, { ...(bytes.length > 0 && { 'content-type': contentType }), 'content-length': bytes.length, ...headers })
    .end(bytes);
}
