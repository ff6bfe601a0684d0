import type { Position } from '../../../../shared/position.ts';
import { askFunction, type Deployed } from '../../running/find.ts';

/** A message as it is typed. */
export interface TestMessage {
  readonly key: string | undefined;
  readonly content: string;
  readonly partition: number | undefined;
}

/** Messages that lie one after the other in a partition. */
export interface Range {
  readonly partition: number;
  /** Of the first. */
  readonly offset: number;
  readonly count: number;
}

/** The most that one invocation sends. */
export const mostOfInvocation = 1000;

/** Sends a message by the function, which reaches the brokers from where it is; never twice: an unclear answer is an error that says so. */
export async function produce(deployed: Deployed, { content, key, partition }: TestMessage): Promise<Position> {
  return (await ask(deployed, { command: 'produce', key, value: content, partition })) as Position;
}

/** Sends it up to 1000 times. */
export async function produceMany(deployed: Deployed, { content, key, partition }: TestMessage, count: number): Promise<readonly Range[]> {
  const answer = await ask(deployed, { command: 'produce', key, value: content, partition, count });
  return (answer as { readonly ranges: readonly Range[] }).ranges;
}

/** The document that the record at this position has become. */
export async function findDocument(deployed: Deployed, position: Position, key: string | undefined): Promise<object | undefined> {
  const document = await ask(deployed, { command: 'find', ...position, key });
  return typeof document === 'object' && document !== null ? document : undefined;
}

function ask({ cloud, service }: Deployed, command: object): Promise<unknown> {
  return askFunction({ cloud, serviceName: service.serviceName }, command);
}
