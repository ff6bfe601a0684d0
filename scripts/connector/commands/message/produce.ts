import type { FunctionCommand, MessageRange, ProduceManyResponse, ProduceOneResponse } from '../../../../shared/commands.ts';
import type { Position } from '../../../../shared/position.ts';
import { askFunction, type Deployed } from '../../running/find.ts';

/** A message as it is typed. */
export interface TestMessage {
  readonly key: string | undefined;
  readonly content: string;
  readonly partition: number | undefined;
}

/** Sends a message by the function, which reaches the brokers from where it is; never twice: an unclear answer is an error that says so. */
export async function produce(deployed: Deployed, { content, key, partition }: TestMessage): Promise<ProduceOneResponse> {
  return (await ask(deployed, { command: 'produce', key, value: content, partition })) as ProduceOneResponse;
}

/** Sends it up to `maxMessagesPerCommand` times. */
export async function produceMany(
  deployed: Deployed,
  { content, key, partition }: TestMessage,
  count: number,
): Promise<readonly MessageRange[]> {
  const answer = await ask(deployed, { command: 'produce', key, value: content, partition, count });
  return (answer as ProduceManyResponse).ranges;
}

/** The document that the record at this position has become. */
export async function findDocument(deployed: Deployed, position: Position, key: string | undefined): Promise<object | undefined> {
  const document = await ask(deployed, { command: 'find', ...position, key });
  return typeof document === 'object' && document !== null ? document : undefined;
}

function ask({ cloud, service }: Deployed, command: FunctionCommand): Promise<unknown> {
  return askFunction({ cloud, serviceName: service.serviceName }, command);
}
