import { Failure } from '../../../shared/errors.ts';
import { maxTopicLength } from '../../../shared/position.ts';
import type { TopicReader } from '../kafka/index.ts';
import { isJson } from './is-json.ts';
import type { Tools } from './tools.ts';

/** The arguments as `s` sends them, and anybody else may send otherwise. */
export type UnverifiedArguments<Sent> = { readonly [Name in keyof Sent]?: unknown };

/** Checks the arguments of one command; each throws `EventInvalid`. */
export class ArgumentReader {
  readonly #command: string;

  constructor(command: string) {
    this.#command = command;
  }

  topic(name: string, value: unknown): string {
    if (typeof value === 'string' && value !== '' && value.length <= maxTopicLength) return value;
    throw this.invalid(`\`${name}\` is not the name of a topic`);
  }

  count(name: string, value: unknown): number {
    if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
    throw this.invalid(`\`${name}\` is not an integer of 0 or more`);
  }

  text(name: string, value: unknown): string {
    if (typeof value === 'string' && value !== '') return value;
    throw this.invalid(`\`${name}\` is not a text`);
  }

  /** What a search goes on behind, an array as JSON. */
  cursor(name: string, value: unknown): string {
    const isArray = typeof value === 'string' && /^\[[^{}]*\]$/.test(value) && isJson(value);
    if (isArray) return value;
    throw this.invalid(`\`${name}\` is not the \`next\` of a former response`);
  }

  /** In ms since 1970. */
  time(name: string, value: unknown): number {
    const time = typeof value === 'string' ? Date.parse(value) : value;
    if (typeof time === 'number' && !Number.isNaN(time)) return time;
    throw this.invalid(`\`${name}\` is neither a time in ms since 1970 nor one such as 2026-11-24T21:12:14Z`);
  }

  invalid(reason: string): Failure {
    return new Failure('EventInvalid', `${this.#command}: ${reason}`);
  }
}

/** A reader of topics; throws `SettingsInvalid` where the function knows no brokers. */
export async function openReader(command: string, { session: { settings } }: Tools): Promise<TopicReader> {
  if (settings.KAFKA_BOOTSTRAP_SERVERS === undefined) {
    const remedy =
      'set it for a function that reaches the brokers; where no route leads to them, compare topic and index from a machine in their VPC';
    throw new Failure('SettingsInvalid', `${command} reads topics, and needs KAFKA_BOOTSTRAP_SERVERS: ${remedy}`);
  }
  const { TopicReader } = await import('../kafka/index.ts');
  return new TopicReader(settings);
}
