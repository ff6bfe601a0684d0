import type { LogLine } from '../cloud/log-service.ts';

/** A record as the receiver has read it. */
interface ReceivedRecord {
  readonly scenario: string;
  readonly number: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly hasKey: boolean;
  readonly valueType: string;
  readonly valueLength: number;
  /** Its headers as JSON; empty when there are none. */
  readonly headers: string;
  /** The names and types in its value. */
  readonly valueShape: string;
}

/** A line that the receiver writes when it begins and when it ends. */
export interface ReceiverLine {
  readonly probe: 'start' | 'end';
  readonly requestId: string;
  /** When it was written by the function's clock, in ms since 1970. */
  readonly at: number;
  readonly isArray: boolean;
  /** The names and types in each kind of element. */
  readonly shapes: readonly string[];
  readonly records: readonly ReceivedRecord[];
  /** The line's `__topic__` in Log Service. */
  readonly logTopic: string;
}

/** Reads a line of the log; none when another has written it. */
export function receiverLine({ message, topic }: LogLine): ReceiverLine[] {
  if (!message.startsWith('{"probe":')) return [];
  try {
    return [{ isArray: true, shapes: [], records: [], ...JSON.parse(message), logTopic: topic }];
  } catch {
    return [];
  }
}

/** A push of one record to the receiver: when it began and, once that is known, when it ended. */
export interface Push extends ReceivedRecord {
  readonly requestId: string;
  readonly shapes: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

/** The pushes of a scenario's records, the oldest first. */
export function pushesOf(lines: readonly ReceiverLine[], scenario: string): Push[] {
  return allPushes(lines).filter((push) => push.scenario === scenario);
}

/** The pushes of records of a topic, the oldest first. */
export function pushesFrom(lines: readonly ReceiverLine[], topic: string): Push[] {
  return allPushes(lines).filter((push) => push.topic === topic);
}

function allPushes(lines: readonly ReceiverLine[]): Push[] {
  const ends = new Map(lines.filter(({ probe }) => probe === 'end').map(({ requestId, at }) => [requestId, at]));
  const pushes = lines
    .filter(({ probe }) => probe === 'start')
    .flatMap(({ records, requestId, at, shapes }) =>
      records.map((record): Push => ({ ...record, requestId, shapes, startedAt: at, endedAt: ends.get(requestId) })),
    );
  return pushes.sort((left, right) => left.startedAt - right.startedAt);
}
