/** Where a record stands in Kafka; unique in a cluster as long as the topic is not deleted and made anew. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  /** A bigint where a number would lose digits, beyond 2^53. */
  readonly offset: number | bigint;
}

/** The most characters that a topic's name has; what claims to be one may be as long as an event. */
export const maxTopicLength = 249;

/** The most bytes of a document's id, beyond which Elasticsearch refuses a whole request: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/mapping-id-field.html */
export const maxIdBytes = 512;

/** The text form `topic+partition+offset`, as Confluent's and Aiven's sinks write it, `?` for what is not known; a topic's name cannot hold a `+`. */
export function formatPosition({ topic = '?', partition, offset }: Partial<Position>): string {
  return `${topic}+${partition ?? '?'}+${offset ?? '?'}`;
}

/** Reads the text form, of which a position has one, without zeros in front; undefined when it is none. */
export function parsePosition(text: string): Position | undefined {
  const [, topic = '', partition, offset = ''] = /^([\w.-]{1,249})\+(0|[1-9]\d{0,8})\+(0|[1-9]\d{0,18})$/.exec(text) ?? [];
  return topic && isOffset(offset) ? { topic, partition: Number(partition), offset: parseOffset(offset) } : undefined;
}

/** The position that these are, each a text or a number; undefined when it is none. */
export function positionOf(topic: unknown, partition: unknown, offset: unknown): Position | undefined {
  // Of an object no text can be made, and of a list that of its only element.
  const isPlain = [topic, partition, offset].every((part) => typeof part === 'string' || typeof part === 'number');
  return isPlain ? parsePosition(`${topic}+${partition}+${offset}`) : undefined;
}

/** Kafka's offsets have 64 bits, with a sign: https://kafka.apache.org/protocol#protocol_types */
const largestOffset = 2n ** 63n - 1n;

/** Whether a record can have this offset, in decimal digits. */
export function isOffset(digits: string): boolean {
  return /^\d{1,19}$/.test(digits) && BigInt(digits) <= largestOffset;
}

/** Reads an offset from decimal digits, as a bigint where a number would lose some. */
export function parseOffset(digits: string): number | bigint {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

/** Replaces a bigint, which `JSON.stringify` does not know, by its digits, of which Elasticsearch makes a long. */
export function offsetAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
