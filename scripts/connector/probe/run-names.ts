import { randomInt } from 'node:crypto';
import type { KafkaTopic } from '../cloud/kafka.ts';

/** Marks topics and the group of a probe: 3 to 64 letters, digits, `_` and `-`. */
export const probeRemark = 'kafka-es-sink_probe';
/** Begins the name of all that a probe makes, but for its log project. */
export const probePrefix = 'kafka-es-probe-';
const suffixLength = 2;

/** The names of all that one run of the probe makes; each holds the run's own. */
export interface RunNames {
  /** When it began, in ms since 1970 to the base of 36, and two random characters. */
  readonly run: string;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly consumerGroup: string;
  readonly logProject: string;
  readonly logstore: string;
  /** The function that the trigger calls, or the service that it is in. */
  readonly receiver: string;
  /** The function that sends messages, or the service that it is in. */
  readonly producer: string;
  readonly securityGroup: string;
}

/** Names a run that begins now. */
export function newRun(): RunNames {
  const suffix = randomInt(36 ** suffixLength)
    .toString(36)
    .padStart(suffixLength, '0');
  return namesOfRun(`${Date.now().toString(36)}${suffix}`);
}

function namesOfRun(run: string): RunNames {
  const name = `${probePrefix}${run}`;
  return {
    run,
    topic: name,
    deadLetterTopic: `${name}-dead`,
    consumerGroup: name,
    // ram-policy.json allows projects of this beginning.
    logProject: `kafka-sink-probe-${run}`,
    logstore: 'probe',
    receiver: `${name}-receiver`,
    producer: `${name}-producer`,
    securityGroup: name,
  };
}

/** When the run began, in ms since 1970. */
export function beginOf({ run }: RunNames): number {
  return Number.parseInt(run.slice(0, -suffixLength), 36);
}

/** The runs that have left something: each makes its topic first, and removes it last. */
export function runsIn(topics: readonly KafkaTopic[]): RunNames[] {
  return topics.flatMap(({ topic, remark }) => {
    const [, run] = new RegExp(`^${probePrefix}([0-9a-z]{10})$`).exec(topic) ?? [];
    return run === undefined || remark !== probeRemark ? [] : [namesOfRun(run)];
  });
}
