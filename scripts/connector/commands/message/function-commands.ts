import type { MessageRange, ProduceManyResponse, ProduceOneResponse } from '../../../../shared/commands.ts';
import type { Position } from '../../../../shared/position.ts';
import { type DeployedConnector, sendCommand } from '../../running/connector.ts';

/** A message as the user has typed it. */
export interface TestMessage {
  readonly key: string | undefined;
  readonly content: string;
  readonly partition: number | undefined;
}

/** Sends a message by the function, which reaches the brokers from where it is; never twice: an unclear response is an error that says so. */
export async function produce(connector: DeployedConnector, { content, key, partition }: TestMessage): Promise<ProduceOneResponse> {
  return (await sendCommand(connector, { command: 'produce', key, value: content, partition })) as ProduceOneResponse;
}

/** Sends a message by the function `count` times, at most `maxMessagesPerCommand`. */
export async function produceMany(
  connector: DeployedConnector,
  { content, key, partition }: TestMessage,
  count: number,
): Promise<readonly MessageRange[]> {
  const response = await sendCommand(connector, { command: 'produce', key, value: content, partition, count });
  return (response as ProduceManyResponse).ranges;
}

/** Returns the document that the record at this position has become, or undefined when there is none yet; the function looks for it. */
export async function findDocumentThroughFunction(
  connector: DeployedConnector,
  position: Position,
  key: string | undefined,
): Promise<object | undefined> {
  const document = await sendCommand(connector, { command: 'find', ...position, key });
  return typeof document === 'object' && document !== null ? document : undefined;
}
