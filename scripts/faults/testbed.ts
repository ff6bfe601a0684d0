import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, estypes } from '@elastic/elasticsearch';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { runCommand } from '../connector/component.ts';
import { type Inputs, openContext } from '../connector/config/context.ts';
import { credentialOf } from '../demo/credential.ts';
import { ElasticIndex } from '../demo/elastic-index.ts';
import { elasticsearchClient } from '../demo/elasticsearch-client.ts';
import { Topic } from '../demo/topic.ts';
import { type Account, seededAccount } from '../local/api/account.ts';
import { Cloud } from './cloud.ts';
import { Observer } from './observer.ts';
import type { Servers } from './servers.ts';

/** Properties of a connector, beside those that every one here has. */
export interface Settings {
  readonly [section: string]: string | { readonly [name: string]: string | number | object };
}

/** How the connector and its index are made. */
export interface Arrangement {
  readonly settings?: Settings;
  /** Types of the index's fields. */
  readonly fields?: { readonly [field: string]: estypes.MappingProperty };
  /** Whether the connector reaches Elasticsearch by the proxy. */
  readonly usesProxy?: boolean;
}

/** What `s audit` tells of the whole topic, and what counting the ids in the index tells. */
export interface Audit {
  readonly records: number;
  readonly indexed: number;
  readonly rejected: number;
  readonly missing: number;
  readonly extra: number;
  readonly repaired: number;
}

const partitions = 3;
/** The longest that a connector may stand still before it is given up: longer than the trigger's first seven waits between its tries. */
const stallLimitMs = 150_000;
const pollMs = 250;

/** One connector on the real servers, with a topic, an index and a local cloud of its own. */
export class Testbed implements AsyncDisposable {
  readonly observer = new Observer();
  readonly servers: Servers;
  readonly topic: Topic;
  readonly index: ElasticIndex;
  /** Elastic's own client, for faults of indices. */
  readonly elasticsearch: Client;
  readonly admin: Admin;
  readonly cloud: Cloud;
  readonly connector: string;
  /** The password that the connector's properties have. */
  password = 'first';
  readonly #account: Account;
  readonly #forget: () => void;
  #settings: Settings;

  private constructor(
    parts: Pick<Testbed, 'servers' | 'topic' | 'index' | 'admin' | 'connector'> & {
      account: Account;
      settings: Settings;
      stateFolder: string;
    },
  ) {
    this.servers = parts.servers;
    this.topic = parts.topic;
    this.index = parts.index;
    this.admin = parts.admin;
    this.connector = parts.connector;
    this.elasticsearch = elasticsearchClient(addressOf(parts.servers));
    this.cloud = new Cloud({ account: parts.account, stateFolder: parts.stateFolder }, this.observer.see);
    this.#account = parts.account;
    this.#settings = parts.settings;
    this.#forget = () => {
      // It would write its state there again.
      this.cloud.abandon();
      rmSync(parts.stateFolder, { recursive: true, force: true });
    };
  }

  /** Makes topic, index and local cloud, and deploys the connector. */
  static async open(servers: Servers, { fields = {}, settings = {}, usesProxy = false }: Arrangement): Promise<Testbed> {
    const name = `faults-${randomBytes(4).toString('hex')}`;
    const { broker } = servers.kafka;
    servers.proxy.behaviour = () => 'pass';
    const topic = await Topic.create(broker, name, partitions);
    const index = await ElasticIndex.create(addressOf(servers), name, fields);
    const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const elasticsearchUrl = usesProxy ? servers.proxy.url : servers.elasticsearch.url;
    const account = seededAccount({ broker, elasticsearchUrl, topics: [{ topic: name, partitionNum: partitions }] });
    const stateFolder = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    const testbed = new Testbed({ servers, topic, index, admin, connector: name, account, settings, stateFolder });
    // However this process ends, Ctrl-C included.
    process.once('exit', testbed.#forget);
    await testbed.cloud.start();
    await testbed.s('deploy');
    return testbed;
  }

  get consumerGroup(): string {
    return `connect-${this.connector}`;
  }

  /** Runs `s <command>` as a user does, who answers yes; resolves to its result. */
  async s(command: string, ...args: string[]): Promise<unknown> {
    return runCommand(command, this.#inputs(...args, '-y', '-o', 'json'));
  }

  /** Delivers dead letters by `s replay`; resolves to how many records that were. */
  async replay(): Promise<number> {
    // As that command has it for programs.
    const { delivered }: { readonly delivered: number } = JSON.parse(JSON.stringify(await this.s('replay', '--source', 'dead-letter')));
    return delivered;
  }

  /** Deletes the topic of rejected records, as a user does in the console. */
  async deleteErrorTopic(): Promise<void> {
    const { cloud, props } = await openContext(this.#inputs());
    await cloud.kafka.deleteTopic(props.kafka.instanceId, `connect-error-${this.connector}`);
  }

  /** Deploys the connector with these properties changed. */
  async redeploy(changes: Settings): Promise<void> {
    this.#settings = { ...this.#settings, ...changes };
    await this.s('deploy');
  }

  /** Resolves when a part of what the topic holds has been delivered, and not all. */
  async begun(): Promise<void> {
    const { length } = await this.topic.positions();
    await this.#lagUntil((lag) => lag < length);
  }

  /** Resolves when all that the topic holds has been delivered; throws when the connector stands still, or the time is over. */
  async caughtUp(over?: AbortSignal): Promise<void> {
    await this.#lagUntil((lag) => lag === 0, over);
  }

  /** Asks `s audit`, and counts each id in the index besides; throws where the two do not agree. */
  async audit(...options: string[]): Promise<Audit> {
    // As that command has it for programs.
    const found: AuditResult = JSON.parse(JSON.stringify(await this.s('audit', ...options)));
    const sum = (column: keyof AuditResult['partitions'][number]) => found.partitions.reduce((total, row) => total + row[column], 0);
    const ids = await this.topic.positions();
    const counted = await this.index.count(ids);
    const audit = {
      records: ids.length,
      indexed: sum('indexed'),
      rejected: sum('errors') + sum('deadLettered'),
      missing: sum('missing'),
      // The index is this connector's alone; of ids that no record has, `s audit` looks only at some.
      extra: (await this.index.count()) - counted,
      repaired: found.repaired,
    };
    if (!found.canTell) throw new Error(`s audit cannot tell: ${found.why}`);
    if (sum('offsets') !== ids.length) throw new Error(`s audit looked at ${sum('offsets')} records, and the topic holds ${ids.length}`);
    if (counted !== audit.indexed) throw new Error(`s audit found ${audit.indexed} records in the index, and ${counted} ids are there`);
    if (sum('extra') > audit.extra) throw new Error(`s audit found ${sum('extra')} documents besides, and ${audit.extra} are there`);
    return audit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cloud.kill();
    process.off('exit', this.#forget);
    this.#forget();
    await Promise.allSettled([this.admin.disconnect(), this.topic[Symbol.asyncDispose](), this.elasticsearch.close()]);
  }

  #inputs(...args: string[]): Inputs {
    return { props: this.#props(), args, getCredential: async () => credentialOf(this.#account) };
  }

  #props(): object {
    const [kafka] = this.#account.kafka;
    const [elasticsearch] = this.#account.elasticsearch;
    const section = (name: string) => {
      const settings = this.#settings[name];
      return typeof settings === 'object' ? settings : {};
    };
    return {
      ...this.#settings,
      name: this.connector,
      kafka: { instanceId: kafka?.instanceId, topic: this.topic.name, connectorTopics: 'off', ...section('kafka') },
      elasticsearch: {
        instanceId: elasticsearch?.instanceId,
        password: this.password,
        index: this.index.name,
        ...section('elasticsearch'),
      },
    };
  }

  /** Without a broker nobody can tell the lag: that is no reason to end. */
  async #lagUntil(isReached: (lag: number) => boolean, over?: AbortSignal): Promise<void> {
    let last: number | undefined;
    for (let lastMove = performance.now(); ; await sleep(pollMs)) {
      const lag = await this.topic.lag(this.consumerGroup).catch(() => undefined);
      if (lag !== undefined && isReached(lag)) return;
      if (lag !== last) lastMove = performance.now();
      if (performance.now() - lastMove > stallLimitMs) throw new Error(`the connector stands still, ${lag} records behind`);
      if (over?.aborted) throw new Error(`the time is over, and the connector is ${lag ?? 'an unknown number of'} records behind`);
      last = lag;
    }
  }
}

interface AuditResult {
  readonly canTell: boolean;
  readonly why?: string;
  readonly repaired: number;
  readonly partitions: readonly { readonly [column in 'offsets' | 'indexed' | 'errors' | 'deadLettered' | 'missing' | 'extra']: number }[];
}

function addressOf({ elasticsearch }: Servers) {
  return { url: elasticsearch.url, username: 'elastic', password: 'none' };
}
