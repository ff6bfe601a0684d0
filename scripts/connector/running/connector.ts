import type { FunctionCommand } from '../../../shared/commands.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { JsonObject } from '../cloud/json.ts';
import type { Context } from '../config/context.ts';
import { functionName, type Names, namesOf } from '../config/names.ts';
import { describeDuplicates, findServices } from './services.ts';
import { runs, streamState } from './stream.ts';

/** A connector that is there, as the commands of day two need it. */
export interface DeployedConnector extends Context, FunctionAddress {
  readonly names: Names;
  readonly function: JsonObject;
  readonly trigger: JsonObject;
}

/** Where a connector's function is. */
export interface FunctionAddress {
  readonly cloud: AlibabaCloud;
  readonly serviceName: string;
}

/** Throws when the connector is not deployed, or not whole. */
export async function findConnector(context: Context): Promise<DeployedConnector> {
  const { cloud, props } = context;
  const { services } = await findServices(cloud, props);
  if (services.length > 1) throw new Error(`Connector ${props.name}: ${describeDuplicates(services)}`);
  const [found] = services;
  if (!found?.function || !found.trigger) {
    throw new Error(`Connector ${props.name} is not deployed, or not whole. Run \`s deploy\` first.`);
  }
  return {
    ...context,
    names: namesOf(props, cloud.access.accountId),
    serviceName: found.service.serviceName,
    function: found.function,
    trigger: found.trigger,
  };
}

/** Whether the stream reads, by its own word. */
export async function isRunningNow({ cloud, trigger }: Pick<DeployedConnector, 'cloud' | 'trigger'>): Promise<boolean> {
  return runs(trigger, await streamState(cloud, trigger));
}

/** Sends the function a command instead of records; throws with the function's own words when it fails. */
export async function sendCommand({ cloud, serviceName }: FunctionAddress, command: FunctionCommand): Promise<unknown> {
  const event = Buffer.from(JSON.stringify(command));
  const { body, errorType, requestId } = await cloud.functionCompute.invoke(serviceName, functionName, event);
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
