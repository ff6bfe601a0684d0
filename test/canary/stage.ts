import { expect } from 'vitest';
import { handedOver } from '../support/elasticsearch/bulk-responses.ts';
import { type Respond, ScriptedServer } from '../support/elasticsearch/scripted-server.ts';
import type { Variables } from '../support/function/built-function.ts';
import { environment } from '../support/function/environment.ts';
import { cloudEvent } from '../support/function/records.ts';
import { type Canaries, hatch, type Style } from './canaries.ts';
import { ChattyElasticsearch } from './chatty-elasticsearch.ts';
import { type Answer, WatchedFunction } from './watched-function.ts';

/** How the canaries look, and with which of them the function is let in. */
export interface Cast {
  readonly style: Style;
  readonly by: 'ES_PASSWORD' | 'ES_API_KEY';
}

export const casts: readonly Cast[] = [
  { style: 'awkward', by: 'ES_PASSWORD' },
  { style: 'plain', by: 'ES_PASSWORD' },
  { style: 'plain', by: 'ES_API_KEY' },
];

/** One function with its server, and what is sent to it. */
interface Play {
  /** What the function's settings are beside the usual; undefined leaves one out. */
  readonly variables?: Variables;
  /** How its Elasticsearch answers; of another, `ES_ENDPOINT` says where it is. */
  readonly respond?: Respond;
  /** By default one event with three records. */
  readonly events?: readonly (string | Buffer)[];
  /** In seconds. */
  readonly timeout?: number;
}

/** Waits are short, and of a short timeout little is left. */
const quick = { RETRY_BACKOFF_MS: '1', RETRY_MAX_BACKOFF_MS: '5', ES_REQUEST_TIMEOUT_MS: '1000', DEADLINE_RESERVE_MS: '1500' };

/** Where a function fails with canaries for everything that is secret or a record's, and all that it shows is kept. */
export class Stage {
  readonly canaries: Canaries;
  readonly chatty: ChattyElasticsearch;
  /** Names of the failures, and types of the rejections, that have come. */
  readonly provoked = new Set<string>();
  /** Everything that was shown, of which nothing may tell a secret or a part of a record. */
  readonly shown: string[] = [];
  /** What error records tell of the reason, beside the record itself: never a secret, and what Elasticsearch says of the record. */
  readonly reasons: string[] = [];
  readonly #by: Cast['by'];
  /** Whether the canaries ever left the function for its server. */
  hasSpoken = false;

  constructor({ by, style }: Cast) {
    this.canaries = hatch(style);
    const { esApiKey, esPassword } = this.canaries.secret;
    this.chatty = new ChattyElasticsearch(this.canaries, by === 'ES_PASSWORD' ? esPassword : esApiKey);
    this.#by = by;
  }

  /** A record of that offset, as the Kafka trigger sends it: a canary in every part. */
  record(offset: number, changes: object = {}): object {
    const { field, headerName, headerValue, key, value } = this.canaries.content;
    const data = { topic: 'orders', partition: 0, offset, timestamp: 1616599282417 };
    const text = JSON.stringify({ [field]: value, nested: { [field]: [value] } });
    return cloudEvent({ ...data, headers: { [headerName]: headerValue }, key: `${key}-${offset}`, value: text, ...changes });
  }

  event(...changes: readonly object[]): string {
    return JSON.stringify(changes.map((one, offset) => this.record(offset, one)));
  }

  /** The settings of the function: every secret that they can have at once, and a record in every place that it can get to. */
  get variables(): Variables {
    const { esApiKey, esPassword, kafkaPassword } = this.canaries.secret;
    return environment({
      ES_PASSWORD: undefined,
      [this.#by]: this.#by === 'ES_PASSWORD' ? esPassword : esApiKey,
      SOURCE_TOPIC: 'orders',
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
      KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
      KAFKA_USERNAME: 'sink',
      KAFKA_PASSWORD: kafkaPassword,
      DOCUMENT_ID: 'key',
      DOCUMENT_SHAPE: 'value-with-metadata',
      ES_ROUTING: 'key',
      ...quick,
    });
  }

  /** Starts a function, sends it events, and ends it; resolves to its answers. */
  async play({
    events = [this.event({}, {}, {})],
    respond = this.chatty.server(this.chatty.items(() => undefined)),
    ...play
  }: Play = {}): Promise<readonly Answer[]> {
    await using server = await ScriptedServer.start(respond);
    const answers = await this.playTo(server.url, events, play);
    this.hasSpoken ||= server.requests.some(({ body, headers }) => this.canaries.tellsIn(`${JSON.stringify(headers)}${body}`).length > 1);
    for (const { body } of handedOver(server)) this.#keepReasons(body);
    return answers;
  }

  /** Plays with a server that is there. */
  async playTo(
    url: string,
    events: readonly (string | Buffer)[],
    { timeout = 10, variables = {} }: Pick<Play, 'timeout' | 'variables'> = {},
  ): Promise<readonly Answer[]> {
    await using fn = await WatchedFunction.start({ ...this.variables, ES_ENDPOINT: url, ...variables }, timeout);
    const answers = [await fn.initialize()];
    for (const event of events) answers.push(await fn.send(event));
    const said = await fn.stop();
    this.shown.push(said);
    for (const { failure } of answers) if (failure !== undefined) this.provoked.add(failure);
    for (const [, type = ''] of said.matchAll(/"message":"record rejected".*"error":"(\w+)"/g)) this.provoked.add(type);
    return answers;
  }

  /** Keeps the reasons in the documents of a bulk request. */
  #keepReasons(body: string): void {
    for (const line of body.split('\n').filter(Boolean)) {
      const { error } = JSON.parse(line) as { error?: object };
      if (error) this.reasons.push(JSON.stringify(error));
    }
  }
}

const maxLineLength = 4096;

/** Fails a test where anything tells a secret or a part of a record, or a log line is longer than what it may quote. */
export function expectNothingTold({ canaries, reasons, shown }: Stage): void {
  const lines = [...new Set(shown.flatMap((text) => text.split('\n')))];
  expect(lines.flatMap((line) => describe(canaries.tellsIn(line), line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('{"time"') && line.length > maxLineLength)).toEqual([]);
  // A client that talks by itself may say anything, also bytes as numbers.
  expect(lines.filter((line) => line.includes('"logger":"kafkajs"')).map((line) => line.slice(0, 500))).toEqual([]);
  expect(reasons.flatMap((reason) => describe(canaries.secretsIn(reason), reason))).toEqual([]);
}

function describe(told: readonly string[], text: string): string[] {
  return told.length > 0 ? [`${told.join()}: ${text.slice(0, 500)}`] : [];
}
