import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const produceKey = 0;

/** A broker that is reached only through this: it can lose the answers to what has been produced. */
export class BrokerProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Requests to produce that have been passed on. */
  produced = 0;
  losesAnswers = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(broker: string): Promise<BrokerProxy> {
    const server = createServer();
    const proxy = new BrokerProxy(server);
    server.on('connection', (client) => proxy.#join(client, Number(broker.split(':')[1])));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(client: Socket, port: number): void {
    const broker = connect(port, '127.0.0.1');
    let isLost = false;
    client.on('data', (bytes) => {
      // A request begins with its length, and then the key that says what it asks for.
      if (bytes.length > 6 && bytes.readInt16BE(4) === produceKey) {
        this.produced += 1;
        isLost = this.losesAnswers;
      }
      broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (!isLost) client.write(this.#withOwnPort(bytes, port));
    });
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }

  /** The broker tells clients its address, which would lead them past this. */
  #withOwnPort(bytes: Buffer, port: number): Buffer {
    const address = (number: number) => {
      const text = Buffer.from('127.0.0.1\0\0\0\0', 'latin1');
      text.writeInt32BE(number, 9);
      return text;
    };
    const at = bytes.indexOf(address(port));
    if (at < 0) return bytes;
    const changed = Buffer.from(bytes);
    address(this.#port).copy(changed, at);
    return changed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
