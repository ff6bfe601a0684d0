import { once } from 'node:events';
import { createServer, type IncomingMessage, request as open, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Canaries } from './canaries.ts';

/** How calls are answered: by the local cloud, or all, or those with a canary in their body, by what they were. */
export type Mood = 'serving' | 'echoing' | 'echoing-bodies';

/** Stands before the local cloud, as a proxy might, or a cloud that quotes each request in every field of its refusal. */
export class EchoingCloud implements AsyncDisposable {
  readonly #server: Server;
  readonly #canaries: Canaries;
  readonly #behind: URL;
  mood: Mood = 'serving';
  /** The actions or paths of what was echoed. */
  readonly echoed: string[] = [];

  private constructor(behind: string, canaries: Canaries) {
    this.#behind = new URL(behind);
    this.#canaries = canaries;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(behind: string, canaries: Canaries): Promise<EchoingCloud> {
    const cloud = new EchoingCloud(behind, canaries);
    cloud.#server.listen(0, '127.0.0.1');
    await once(cloud.#server, 'listening');
    return cloud;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const isTelling = this.#canaries.tellsIn(body).length > 0;
    if (this.mood === 'echoing' || (this.mood === 'echoing-bodies' && isTelling)) this.#echo(request, body.toString(), response);
    else this.#pass(request, body, response);
  }

  #pass({ headers, method, rawHeaders, url }: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { hostname, port } = this.#behind;
    // As it was signed.
    const passed = open({ hostname, port, method, path: url, headers: rawHeaders, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    passed.end(headers['transfer-encoding'] === undefined || body.length > 0 ? body : undefined);
  }

  #echo({ headers, method, url }: IncomingMessage, body: string, response: ServerResponse): void {
    this.echoed.push(String(headers['x-acs-action'] ?? `${method} ${url}`));
    const said = `${body} ${method} ${url} ${JSON.stringify(headers)} ${Buffer.from(body).toString('base64')} ${encodeURIComponent(body)}`;
    const [word = ''] = /cn[0-9a-f]{12}/.exec(said) ?? [];
    const code = word || 'InvalidArgument';
    const error = { Code: code, Message: said, RequestId: word, HostId: said, Recommend: said, AccessDeniedDetail: said };
    const line = said.replace(/[^\x20-\x7e]/g, ' ').slice(0, 4000);
    response.writeHead(400, line, {
      'content-type': 'application/json',
      'x-fc-request-id': line,
      'x-acs-request-id': line,
      'x-fc-error-type': line,
    });
    response.end(
      JSON.stringify({
        ...error,
        ErrorCode: code,
        ErrorMessage: said,
        errorCode: code,
        errorMessage: said,
        code,
        message: said,
        requestId: word,
      }),
    );
  }
}
