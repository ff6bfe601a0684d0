import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { SecureContextOptions } from 'node:tls';

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Responds to one request. */
export type Respond = (response: ServerResponse, request: SeenRequest) => void;

/** A server that responds as the test says, for what a real Elasticsearch cannot be made to respond. */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  respond: Respond;
  readonly #server: ReturnType<typeof createServer>;
  readonly #protocol: string;

  private constructor(respond: Respond, tls?: SecureContextOptions) {
    this.respond = respond;
    this.#protocol = tls ? 'https' : 'http';
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve);
  }

  /** Starts it, with TLS when it has a certificate. */
  static async start(respond: Respond, tls?: SecureContextOptions): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(respond, tls);
    scripted.#server.listen(0, '127.0.0.1');
    await once(scripted.#server, 'listening');
    return scripted;
  }

  get url(): string {
    return `${this.#protocol}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: (await buffer(request)).toString() };
    this.requests.push(seen);
    this.respond(response, seen);
  }
}

/** Responds with a status and a JSON body. */
export function json(status: number, body: unknown): Respond {
  return (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
