import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeenRequest } from './server.ts';

/** What a server sends on a connection, byte for byte. */
export interface Script {
  /** Written one after the other, with so many ms between them. */
  readonly pieces: readonly Buffer[];
  readonly gapMs: number;
  /** Written again and again after them, until the client has enough. */
  readonly endless?: Buffer;
  /** What becomes of the connection then. */
  readonly ending: 'keep' | 'end' | 'reset';
}

/** Decides what is sent when a request has come; `socket` tells which are of one connection. */
export type RawRespond = (request: SeenRequest, socket: Socket) => Script;

/** A server that speaks HTTP only as far as the case says, and keeps what came. */
export class RawServer implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  #respond: RawRespond = () => nothing;
  #toOthers = nothing;
  requests: SeenRequest[] = [];
  /** How many connections there were in this case. */
  connections = 0;

  private constructor() {
    this.#server.listen(0, '127.0.0.1');
  }

  static async start(): Promise<RawServer> {
    const server = new RawServer();
    await once(server.#server, 'listening');
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Begins a case: nothing has come yet. `toOthers` goes to whoever speaks something else than HTTP. */
  begin(respond: RawRespond, toOthers: Script): void {
    this.#respond = respond;
    this.#toOthers = toOthers;
    this.requests = [];
    this.connections = 0;
  }

  /** Ends a case, whose client has closed its connections: what it has sent is read to the end, and what is still being sent is cut off. */
  async end(): Promise<void> {
    const limit = new AbortController();
    const closed = Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    await Promise.race([closed, sleep(maxEndMs, undefined, { signal: limit.signal })]);
    limit.abort();
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    // A client that has gone has a reason, which its outcome tells.
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received[0] === tlsHandshake) void play(this.#toOthers, socket);
      else received = this.#readRequests(received, socket);
    });
  }

  /** Responds to each whole request; returns what is left. */
  #readRequests(received: Buffer, socket: Socket): Buffer {
    for (let rest = received; ; ) {
      const found = readRequest(rest);
      if (!found) return rest;
      this.requests.push(found.request);
      void play(this.#respond(found.request, socket), socket);
      rest = found.rest;
    }
  }
}

const maxEndMs = 1000;
/** The first byte of TLS: https://www.rfc-editor.org/rfc/rfc8446#section-5.1 */
const tlsHandshake = 22;
const nothing: Script = { pieces: [], gapMs: 0, ending: 'keep' };

function readRequest(bytes: Buffer): { readonly request: SeenRequest; readonly rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const at = headers.findIndex((text, number) => number % 2 === 0 && text.toLowerCase() === 'content-length');
  const bodyEnd = end + 4 + Number(at < 0 ? 0 : headers[at + 1]);
  if (bytes.length < bodyEnd) return undefined;
  return { request: { method, path, headers, body: bytes.subarray(end + 4, bodyEnd) }, rest: bytes.subarray(bodyEnd) };
}

async function play({ endless, ending, gapMs, pieces }: Script, socket: Socket): Promise<void> {
  for (const piece of pieces) {
    if (!socket.writable) return;
    socket.write(piece);
    if (gapMs > 0) await passed(gapMs, socket);
  }
  while (endless && socket.writable) {
    if (!socket.write(endless)) await drained(socket);
    else await passed(gapMs, socket);
  }
  if (ending === 'end') socket.end();
  if (ending === 'reset') socket.resetAndDestroy();
}

/** Resolves after so many ms, or when the connection is closed. */
function passed(ms: number, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    socket.once('close', done);
    function done(): void {
      clearTimeout(timer);
      socket.off('close', done);
      resolve();
    }
  });
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('close', done).off('drain', done);
      resolve();
    };
    socket.once('close', done).once('drain', done);
  });
}
