import type { FunctionCommand } from '../../../shared/commands.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FunctionAddress } from '../cloud/function-compute/function-compute.ts';
import type { JsonObject } from '../cloud/json.ts';
import type { Context } from '../config/context.ts';
import { type Names, namesOf } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { type ConnectorFunction, describeDuplicates, duplicatesIn, findFunctions } from './functions.ts';
import { isHeldBack, runs, streamState } from './stream.ts';

/** A connector that is there, as the commands of day two need it. */
export interface DeployedConnector extends Context, CalledFunction {
  readonly names: Names;
  readonly function: JsonObject;
  readonly trigger: JsonObject;
  /** Its function in the other generation, which it moves from or to. */
  readonly other: ConnectorFunction | undefined;
}

/** A function that can be called. */
export interface CalledFunction {
  readonly cloud: AlibabaCloud;
  readonly address: FunctionAddress;
}

/** Throws when the connector is not deployed, or not whole. */
export async function findConnector(context: Context): Promise<DeployedConnector> {
  const { cloud, props } = context;
  const { functions } = await findFunctions(cloud, props);
  const duplicates = duplicatesIn(functions);
  if (duplicates.length > 1) throw new Error(`Connector ${props.name}: ${describeDuplicates(duplicates)}`);
  const found = inCharge(functions, props);
  if (!found?.function || !found.trigger) {
    throw new Error(`Connector ${props.name} is not deployed, or not whole. Run \`s deploy\` first.`);
  }
  const names = namesOf(props, cloud.access.accountId);
  const other = functions.find((one) => one !== found);
  return { ...context, names, address: found, function: found.function, trigger: found.trigger, other };
}

/**
 * Which of a connector's functions reads, or would: of two, while it moves from one generation to the other, the one whose trigger is not held back;
 * of two such the one that the properties name.
 */
export function inCharge<Found extends ConnectorFunction>(functions: readonly Found[], props: Props): Found | undefined {
  const isChosen = ({ generation }: ConnectorFunction) => generation === props.function.api;
  const byChoice = [...functions.filter(isChosen), ...functions.filter((one) => !isChosen(one))];
  const withTrigger = byChoice.filter(({ trigger }) => trigger !== undefined);
  return withTrigger.find(({ trigger }) => trigger && !isHeldBack(trigger)) ?? withTrigger[0] ?? byChoice[0];
}

/** Whether the stream reads, by its own word. */
export async function isRunningNow({ cloud, trigger }: Pick<DeployedConnector, 'cloud' | 'trigger'>): Promise<boolean> {
  return runs(trigger, await streamState(cloud, trigger));
}

/** Sends the function a command instead of records; throws with the function's own words when it fails. */
export async function sendCommand({ cloud, address }: CalledFunction, command: FunctionCommand): Promise<unknown> {
  const event = Buffer.from(JSON.stringify(command));
  const { body, errorType, requestId } = await cloud.functionCompute(address.generation).invoke(address.name, event);
  if (errorType !== undefined) throw new Error(`The function failed (${describeFailure(body, errorType)}; request ${requestId}).`);
  return JSON.parse(body);
}

/** The error's name and message where the body tells them, as Function Compute writes it. */
export function describeFailure(body: string, errorType: string): string {
  try {
    const { errorMessage, errorType: name }: { errorMessage?: string; errorType?: string } = JSON.parse(body);
    return `${name ?? errorType}: ${errorMessage ?? body}`;
  } catch {
    return `${errorType}: ${body}`;
  }
}
