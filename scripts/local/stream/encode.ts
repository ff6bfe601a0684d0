import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import type { StreamConfig } from './config.ts';

/** A record on its way through the stream. */
export interface StreamRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  /** Its element of the event, as JSON. */
  readonly text: string;
  /** The size of the text. */
  readonly bytes: number;
  /** The size of the record's value. */
  readonly valueBytes: number;
}

type Format = Pick<StreamConfig, 'Topic' | 'eventSchema' | 'bodyLimit' | 'unconfirmed'>;

/** Turns a record into an element of the event. Offset and timestamp keep every digit; bytes that are no UTF-8 become U+FFFD, as in Java. */
export function encodeRecord(partition: number, message: KafkaMessage, format: Format): StreamRecord {
  const object = encoders[format.eventSchema](partition, message, format);
  const text = format.unconfirmed.elements === 'text' ? JSON.stringify(object) : object;
  const { key, offset, value } = message;
  return { partition, offset: BigInt(offset), key, text, bytes: Buffer.byteLength(text), valueBytes: value?.length ?? 0 };
}

/** The event of some records. */
export function encodeEvent(records: readonly StreamRecord[]): Buffer {
  return Buffer.from(`[${records.map(({ text }) => text).join(',')}]`);
}

const encoders = { CloudEvents: encodeCloudEvent, RawData: encodeData, Connector: encodeConnectorRecord };

/** https://help.aliyun.com/zh/functioncompute/fc/user-guide/formats-of-event-for-different-triggers */
function encodeCloudEvent(partition: number, message: KafkaMessage, format: Format): string {
  const attributes = {
    specversion: '1.0',
    id: randomUUID(),
    source: 'acs:alikafka',
    type: 'alikafka:Topic:Message',
    subject: `acs:alikafka_local:topic:${format.Topic}`,
    datacontenttype: 'application/json; charset=utf-8',
    time: new Date(Number(message.timestamp)).toISOString(),
    aliyunaccountid: '1234567890123456',
  };
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${encodeData(partition, message, format)}}`;
}

function encodeData(partition: number, { headers, key, offset, timestamp, value }: KafkaMessage, { Topic, unconfirmed }: Format): string {
  const list = Object.entries(headers ?? {}).map(([name, content]) => {
    const text = String(content ?? '');
    return unconfirmed.headers === 'key-value' ? { key: name, value: text } : { [name]: text };
  });
  const members = [
    `"topic":${JSON.stringify(Topic)},"partition":${partition},"offset":${offset},"timestamp":${timestamp}`,
    `"headers":${JSON.stringify({ headers: list, isReadOnly: false })}`,
    ...member('key', key),
    ...member('value', value),
  ];
  return `{${members.join(',')}}`;
}

/**
 * Names in the order of the alphabet; what is null is absent; a value that no request can hold, too, and a flag says so.
 * https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc
 */
function encodeConnectorRecord(partition: number, { key, offset, timestamp, value }: KafkaMessage, { Topic, bodyLimit }: Format): string {
  const text = value?.toString();
  const encode = (overflowFlag: boolean) =>
    `{${[
      ...member('key', key),
      `"offset":${offset},"overflowFlag":${overflowFlag},"partition":${partition},"timestamp":${timestamp},"topic":${JSON.stringify(Topic)}`,
      ...(overflowFlag ? [] : member('value', value)),
      // In UTF-16 code units, as Java counts them.
      `"valueSize":${text?.length ?? 0}`,
    ].join(',')}}`;
  const whole = encode(false);
  return Buffer.byteLength(whole) + '[]'.length > bodyLimit ? encode(true) : whole;
}

function member(name: string, value: Buffer | null): string[] {
  return value === null ? [] : [`"${name}":${JSON.stringify(value.toString())}`];
}
