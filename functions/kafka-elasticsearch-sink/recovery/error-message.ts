import type { KafkaMessage } from 'kafkajs';
import { isOffset, type Position, parseOffset } from '../../../shared/position.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { Element } from '../record.ts';
import { recordsIn } from './dead-letter.ts';

/** What a message of an error topic is, which may be the dead letter topic, too. */
export type ErrorMessage =
  /** A record that can never be written. */
  | { readonly kind: 'error'; readonly position: Position | undefined; readonly errorType: string; readonly isOwn: boolean }
  /** What the trigger has given up; undefined where no record can be found in it. */
  | { readonly kind: 'dead-letter'; readonly elements: readonly Element[] | undefined }
  /** What a replay has noted. */
  | { readonly kind: 'mark' };

/** The header of a message that notes what a replay has done; its value is the connector's name. */
export const replayedHeader = 'kafka-elasticsearch-sink.replayed';
const prefix = '__connect.errors.';

export function readErrorMessage({ headers = {}, value }: KafkaMessage, { CONNECTOR_NAME }: Settings): ErrorMessage {
  const header = (name: string) => textOf(headers[name]);
  if (header(replayedHeader) !== undefined) return { kind: 'mark' };
  const topic = header(`${prefix}topic`);
  if (topic === undefined) return { kind: 'dead-letter', elements: recordsIn(value) };
  const position = positionOf(topic, header(`${prefix}partition`), header(`${prefix}offset`));
  const isOwn = (header(`${prefix}connector.name`) ?? CONNECTOR_NAME) === CONNECTOR_NAME;
  return { kind: 'error', position, errorType: header(`${prefix}exception.class.name`) ?? 'unknown', isOwn };
}

/** The text of a header, of which a message may have several. */
export function textOf(header: NonNullable<KafkaMessage['headers']>[string]): string | undefined {
  const [first] = Array.isArray(header) ? header : [header];
  return first?.toString();
}

function positionOf(topic: string, partition = '', offset = ''): Position | undefined {
  const isWhole = topic !== '' && /^\d{1,9}$/.test(partition) && isOffset(offset);
  return isWhole ? { topic, partition: Number(partition), offset: parseOffset(offset) } : undefined;
}
