import { type Message, type PartitionerArgs, Partitioners, type Producer } from 'kafkajs';
import {
  type MessageRange,
  maxMessagesPerCommand,
  type ProduceCommand,
  type ProduceManyResponse,
  type ProduceOneResponse,
} from '../../../shared/commands.ts';
import { Failure } from '../../../shared/errors.ts';
import { parseOffset } from '../../../shared/position.ts';
import type { Settings } from '../../../shared/settings.ts';
import { type Command, isObject } from '../decode.ts';
import { brokerErrorType, withKafka } from './connection.ts';
import { intoRequests, withProducer } from './producer.ts';

/** Error types of a leader that has written nothing. Others may come after it has, or of a look for the next leader. */
const errorsBeforeAnyWrite = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'NOT_ENOUGH_REPLICAS',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'CORRUPT_MESSAGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
];

/**
 * Sends `{key?, value?, partition?, headers?}` to `SOURCE_TOPIC`; resolves to where it is, `{topic, partition, offset}`. With `count`, 1 to 1000,
 * as often, and to `{topic, ranges}`. Nothing is ever sent again: throws `KafkaUnavailable`, which tells whether messages may be there, or `EventInvalid`.
 */
export async function produce(settings: Settings, limitMs: number, command: Command): Promise<ProduceOneResponse | ProduceManyResponse> {
  const { KAFKA_BOOTSTRAP_SERVERS, SOURCE_TOPIC: topic } = settings;
  if (topic === undefined || KAFKA_BOOTSTRAP_SERVERS === undefined) throw noBrokers();
  const message = readMessage(command);
  const { count } = command;
  const messages = Array.from({ length: readCount(count) }, () => message);
  const tracked = new TrackedProducer();
  const createPartitioner = () => (args: PartitionerArgs) => tracked.choosePartition(args);
  const ranges = await withKafka(settings, limitMs, (connection) =>
    withProducer(connection, { retries: 0, createPartitioner }, (producer) => tracked.send(producer, topic, messages)),
  ).catch((error: unknown) => {
    throw tracked.explain(error);
  });
  if (count !== undefined) return { topic, ranges };
  const [first] = ranges;
  if (!first) throw new Error('the brokers took a message and did not say where it is');
  return { topic, partition: first.partition, offset: first.offset };
}

function noBrokers(): Failure {
  const remedy = 'set both, for a function that reaches the brokers; or send messages with any Kafka client that does';
  return new Failure('SettingsInvalid', `produce needs KAFKA_BOOTSTRAP_SERVERS and SOURCE_TOPIC: ${remedy}`);
}

/** Sends messages, and knows how many of them have reached which partition. */
class TrackedProducer {
  readonly #choose = Partitioners.DefaultPartitioner();
  readonly #ranges: MessageRange[] = [];
  /** How many messages of the request that is on its way go to each partition. */
  #counts = new Map<number, number>();

  /** Chooses the partition of a message; kafkajs calls it for each, just before it sends a request. */
  choosePartition(args: PartitionerArgs): number {
    const partitions = args.partitionMetadata.map(({ partitionId }) => partitionId);
    const wanted = args.message.partition;
    if (wanted !== undefined && !partitions.includes(wanted)) {
      throw invalid(`there is no partition ${wanted} in ${args.topic}, which has 0 to ${partitions.length - 1}`);
    }
    const partition = this.#choose(args);
    this.#counts.set(partition, (this.#counts.get(partition) ?? 0) + 1);
    return partition;
  }

  async send(producer: Producer, topic: string, messages: readonly Message[]): Promise<readonly MessageRange[]> {
    for (const request of intoRequests(messages)) {
      const sent = await producer.send({ topic, messages: request, acks: -1 }).catch((error: unknown) => {
        // Of several partitions, others may have taken theirs.
        if (this.#counts.size === 1 && errorsBeforeAnyWrite.includes(brokerErrorType(error) ?? '')) this.#counts.clear();
        throw error;
      });
      for (const { baseOffset = '0', partition } of sent) {
        this.#ranges.push({ partition, offset: parseOffset(baseOffset), count: this.#counts.get(partition) ?? 0 });
      }
      this.#counts.clear();
    }
    return this.#ranges;
  }

  /** Says what is known of the messages, before the reason: rather that some may be there than that none is. */
  explain(error: unknown): unknown {
    if (!(error instanceof Failure) || error.name !== 'KafkaUnavailable') return error;
    const written = this.#ranges.reduce((sum, { count }) => sum + count, 0);
    const uncertain = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const before = written > 0 ? `${written} messages are there; of the others, ` : '';
    const known =
      uncertain === 0
        ? 'nothing is there'
        : `there was no clear answer to ${uncertain}: they may be there, so look before you send them again`;
    return new Failure('KafkaUnavailable', `${before}${known}: ${error.message}`);
  }
}

/** The arguments as `s` sends them, and anybody else may send otherwise. */
type UnverifiedArguments = { readonly [Name in keyof ProduceCommand]?: unknown };

function readMessage({ headers, key, partition, value }: UnverifiedArguments): Message {
  if (key !== undefined && typeof key !== 'string') throw invalid('`key` is not a text');
  if (value !== undefined && typeof value !== 'string') throw invalid('`value` is not a text');
  if (partition !== undefined && !(Number.isSafeInteger(partition) && (partition as number) >= 0))
    throw invalid('`partition` is not an integer of 0 or more');
  return {
    key: key ?? null,
    value: value ?? null,
    ...(partition !== undefined && { partition: Number(partition) }),
    ...(headers !== undefined && { headers: readHeaders(headers) }),
  };
}

function readHeaders(headers: unknown): { [name: string]: string } {
  if (isObject(headers) && Object.values(headers).every((value) => typeof value === 'string'))
    return { ...headers } as { [name: string]: string };
  throw invalid('`headers` is not an object of texts');
}

function readCount(count: unknown): number {
  if (count === undefined) return 1;
  if (Number.isSafeInteger(count) && (count as number) >= 1 && (count as number) <= maxMessagesPerCommand) return Number(count);
  throw invalid(`\`count\` is not an integer from 1 to ${maxMessagesPerCommand}`);
}

function invalid(reason: string): Failure {
  return new Failure('EventInvalid', `produce: ${reason}`);
}
