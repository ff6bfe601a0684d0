import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaConfig, type KafkaJSProtocolError, logLevel, type SASLOptions } from 'kafkajs';
import { Failure, failures } from '../../../shared/errors.ts';
import type { Settings } from '../../../shared/settings.ts';
import { readCertificate } from '../certificate.ts';
import { redact } from '../redact.ts';

const connectionTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** Retries for about 3 s in all, enough to go through a list of brokers of which some are down. */
const retry = { initialRetryTime: 100, maxRetryTime: 1000, multiplier: 2, factor: 0.2, retries: 5 };

/** kafkajs for one piece of work, and its configuration for what kafkajs does not offer by itself. */
export interface Connection {
  readonly kafka: Kafka;
  readonly config: KafkaConfig;
}

/**
 * Does work with the brokers within `limitMs`. Nothing of it is left afterwards, so the work need not disconnect: a function's instance is frozen
 * between invocations, and what is cut off must not go on when it thaws. Throws `KafkaUnavailable`, or the work's own `Failure`.
 */
export async function withKafka<Result>(
  settings: Settings,
  limitMs: number,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const opened = new OpenConnection(settings);
  try {
    return await opened.use(limitMs, work);
  } finally {
    opened.close();
  }
}

/** A connection for several pieces of work, one after the other, between which there is other work; whoever opens it closes it before the invocation ends. */
export class OpenConnection {
  readonly #settings: Settings;
  readonly #sockets = new Sockets();
  readonly #connection: Connection;

  /** Connects to nothing yet. Variables of kafkajs's own would make it log after all, and print what it sends. */
  constructor(settings: Settings) {
    const config = configOf(settings, this.#sockets.create);
    this.#settings = settings;
    this.#connection = { kafka: new Kafka({ ...config, logLevel: logLevel.NOTHING, logCreator: () => () => undefined }), config };
  }

  /** Does a piece of work within `limitMs`; after one that has failed the connection is of no more use. Throws as `withKafka` does. */
  async use<Result>(limitMs: number, work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const limit = startLimit(limitMs);
    const working = work(this.#connection);
    try {
      return await Promise.race([working, limit.passed]);
    } catch (error) {
      const cause = causeOf(error);
      throw cause instanceof Failure ? cause : unavailable(cause, this.#settings);
    } finally {
      limit.clear();
      // Nobody waits for the end of what was cut off.
      working.catch(() => undefined);
    }
  }

  close(): void {
    this.#sockets.destroy();
  }
}

/** Every socket of the work, so that all can be closed at once, and none opened afterwards. */
class Sockets {
  readonly #open = new Set<Socket>();
  #isClosed = false;

  readonly create: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#isClosed) throw new Error('the time is up');
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Closes all sockets, with an error, at which kafkajs ends the requests that wait for a response. */
  destroy(): void {
    this.#isClosed = true;
    for (const socket of this.#open) socket.destroy(new Error('the time is up'));
  }
}

/** A limit of time, at which `passed` rejects. */
function startLimit(limitMs: number): { readonly passed: Promise<never>; readonly clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(limitMs)} ms`)), limitMs);
  });
  return { passed, clear: () => clearTimeout(timer) };
}

function configOf(settings: Settings, socketFactory: ISocketFactory): KafkaConfig {
  const { CONNECTOR_NAME, KAFKA_BOOTSTRAP_SERVERS, KAFKA_SECURITY_PROTOCOL } = settings;
  return {
    // Callers have looked whether there are any.
    brokers: KAFKA_BOOTSTRAP_SERVERS ?? [],
    clientId: `connect-${CONNECTOR_NAME}`,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry,
    socketFactory,
    ...(KAFKA_SECURITY_PROTOCOL === 'SASL_SSL' && { ssl: tlsOptions(settings) }),
    ...(KAFKA_SECURITY_PROTOCOL !== 'PLAINTEXT' && { sasl: saslOptions(settings) }),
  };
}

function tlsOptions({ KAFKA_CA }: Settings): ConnectionOptions {
  // Said aloud, NODE_TLS_REJECT_UNAUTHORIZED turns nothing off.
  if (KAFKA_CA === undefined) return { rejectUnauthorized: true };
  // ApsaraMQ's certificate names no broker, and its clients are told not to compare:
  // https://github.com/AliwareMQ/aliware-kafka-demos/tree/master/kafka-java-demo/vpc-ssl
  return { rejectUnauthorized: true, ca: readCertificate('KAFKA_CA', KAFKA_CA), checkServerIdentity: () => undefined };
}

/** The user's credentials, a new object each time: kafkajs writes into the one that it is given. */
function saslOptions({ KAFKA_PASSWORD, KAFKA_SASL_MECHANISM, KAFKA_USERNAME = '' }: Settings): SASLOptions {
  const mechanism = { PLAIN: 'plain', 'SCRAM-SHA-256': 'scram-sha-256', 'SCRAM-SHA-512': 'scram-sha-512' } as const;
  return { mechanism: mechanism[KAFKA_SASL_MECHANISM], username: KAFKA_USERNAME, password: KAFKA_PASSWORD?.reveal() ?? '' };
}

/** The innermost error, which tells what happened: kafkajs wraps errors in others. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? causeOf(error.cause) : error;
}

/** The type of the error that a broker responded with, such as `MESSAGE_TOO_LARGE`; undefined where none did. */
export function brokerErrorType(error: unknown): string | undefined {
  const { type } = { type: undefined, ...(causeOf(error) as Partial<KafkaJSProtocolError>) };
  return type;
}

/** A `KafkaUnavailable` that names the brokers and the reason. */
function unavailable(error: unknown, settings: Settings): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  const where = settings.KAFKA_BOOTSTRAP_SERVERS?.join(',') ?? '';
  return new Failure('KafkaUnavailable', `${where}: ${redact(reason, settings)}; ${failures.KafkaUnavailable.remedy}`);
}
