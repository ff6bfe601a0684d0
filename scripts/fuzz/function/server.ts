import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export type Respond = (response: ServerResponse, request: SeenRequest) => void;

/** A server that responds as the case says, and keeps what came. */
export class Server implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #respond: Respond;
  requests: SeenRequest[] = [];

  private constructor(respond: Respond) {
    this.#respond = respond;
  }

  static async start(): Promise<Server> {
    const server = new Server((response) => response.end());
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Begins a case: nothing has come yet. */
  begin(respond: Respond): void {
    this.#respond = respond;
    this.requests = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', rawHeaders, url: path = '' } = request;
    // A client that has gone has a reason, which its outcome tells.
    const body = await buffer(request).catch(() => undefined);
    if (!body) return;
    const seen = { method, path, headers: rawHeaders, body };
    this.requests.push(seen);
    this.#respond(response, seen);
  }
}

export function respondJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Responds as Elasticsearch does to what is no bulk request: every name is an index. */
export function respondToOthers(response: ServerResponse, { path }: SeenRequest): void {
  const [, name = ''] = path.split(/[/?]/);
  if (name === '') respondJson(response, 200, { version: { number: '7.10.2' } });
  else if (name.startsWith('_'))
    respondJson(response, 404, { error: { type: 'resource_not_found_exception', reason: 'missing' }, status: 404 });
  else respondJson(response, 200, { [decodeURIComponent(name)]: { settings: { index: {} } } });
}
