import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CloudError } from '../cloud-error.ts';
import type { Account } from './account.ts';
import type { Faults } from './faults.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { permissionFor } from './permissions.ts';
import type { Protocol } from './protocols/protocol.ts';

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
      send(response, await this.#respond(await read(incoming)));
    } catch (error) {
      // The client has gone, or the answer could not be written: there is no one to tell but the owner.
      if (!(error instanceof ResponseLost)) this.#onDefect(error);
      response.destroy();
    }
  }

  async #respond(request: ApiRequest): Promise<ApiResponse> {
    const protocol = this.#protocols.find((candidate) => candidate.claims(request));
    if (!protocol) return { status: 404, body: { Code: 'NoSuchService', Message: `no service answers ${request.method} ${request.path}` } };
    const requestId = protocol.newRequestId();
    try {
      return protocol.success(await this.#perform(protocol, request, requestId), requestId);
    } catch (error) {
      if (error instanceof CloudError) return protocol.failure(error, requestId);
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

async function read(incoming: IncomingMessage): Promise<ApiRequest> {
  const { method = '', url = '', headers } = incoming;
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  return { method, path, query: new URLSearchParams(query), headers, body: await buffer(incoming) };
}

function send(response: ServerResponse, { status, headers, body }: ApiResponse): void {
  const isBytes = Buffer.isBuffer(body);
  const bytes = isBytes ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body));
  const contentType = isBytes ? 'application/octet-stream' : 'application/json';
  response
    .writeHead(status, { ...(bytes.length > 0 && { 'content-type': contentType }), 'content-length': bytes.length, ...headers })
    .end(bytes);
}
