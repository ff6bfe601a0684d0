import { once } from 'node:events';
import { createServer, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An error in the words of Elasticsearch. */
interface Refusal {
  readonly status: number;
  readonly type: string;
}

/** What becomes of a request: it is passed on and its response given back, or lost with its connection, or waited for in vain; or it is refused. */
type Treatment = 'pass' | 'lose-response' | 'never-respond' | Refusal;

/** Decides what becomes of each request. */
export type Behaviour = (request: IncomingMessage) => Treatment;

/** A server between the function and Elasticsearch, for faults that Elasticsearch itself cannot be made to have. */
export class FaultyProxy implements AsyncDisposable {
  behaviour: Behaviour = () => 'pass';
  readonly #target: string;
  readonly #server = createServer((request, response) => this.#serve(request, response));

  private constructor(target: string) {
    this.#target = target;
  }

  /** Starts it on a free port of the loopback interface; `target` is the URL of Elasticsearch. */
  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const treatment = this.behaviour(request);
    if (typeof treatment === 'object') refuse(request, response, treatment);
    else this.#pass(request, response, treatment);
  }

  #pass(request: IncomingMessage, response: ServerResponse, treatment: Exclude<Treatment, Refusal>): void {
    const { method, url, headers } = request;
    const passed = openRequest(`${this.#target}${url}`, { method, headers }, (answer) => {
      // With the whole answer there, the documents are written.
      if (treatment === 'lose-response') answer.resume().once('end', () => response.destroy());
      else if (treatment === 'never-respond') answer.resume();
      else answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, type }: Refusal): void {
  const error = { type, reason: 'a fault that was injected' };
  request.resume().once('end', () => {
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { root_cause: [error], ...error }, status }));
  });
}

/** Treats so many of the bulk requests so, out of each three; the others pass. */
export function ofEachThreeBulks(count: number, treatment: Treatment): Behaviour {
  let seen = 0;
  return ({ url = '' }) => (url.includes('_bulk') && seen++ % 3 < count ? treatment : 'pass');
}

/** Lets pass who knows the password. */
export function requirePassword(password: string): Behaviour {
  const expected = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`;
  return ({ headers }) => (headers.authorization === expected ? 'pass' : { status: 401, type: 'security_exception' });
}
