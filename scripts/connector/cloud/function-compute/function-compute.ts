import { call, codeOf } from '../call.ts';
import { type JsonObject, objectAt } from '../json.ts';
import { waitUntil } from '../waiting.ts';

export const product = 'Function Compute';

/** The generations of Function Compute: in 2.0 a function lies in a service, which has its role, network and log; in 3.0 it has them itself. */
export const generations = ['2.0', '3.0'] as const;
export type Generation = (typeof generations)[number];

/** The name of the one function that each service has, in 2.0. */
export const functionInService = 'elasticsearch-sink';
/** The name of the one trigger that each function has. */
export const triggerName = 'kafka';

/** Where a function is: `name` is that of its service in 2.0, and its own in 3.0. */
export interface FunctionAddress {
  readonly generation: Generation;
  readonly name: string;
}

/** A service of 2.0 or a function of 3.0, as a list tells of it. */
export interface ListedFunction extends FunctionAddress {
  readonly description: string;
  readonly createdTime: string;
  /** What else the list tells. */
  readonly row: JsonObject;
}

/** A function's response. */
export interface FcInvocation {
  readonly body: string;
  /** `X-Fc-Error-Type` of one that failed. */
  readonly errorType: string | undefined;
  /** The end of its log. */
  readonly log: string;
  readonly requestId: string;
}

/** Reads a function's response from its body and headers. */
export function invocationFrom(body: string, headers: { readonly [name: string]: string | undefined }): FcInvocation {
  return {
    body,
    errorType: headers['x-fc-error-type'],
    log: Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString(),
    requestId: headers['x-fc-request-id'] ?? '',
  };
}

/** What both generations do alike: functions that have one trigger each. Each call throws `CloudFailure`. */
export interface FunctionComputeApi {
  /** The zones where functions can be given a network interface; undefined where the API does not tell. */
  zones(): Promise<readonly string[] | undefined>;
  /** The services or functions whose names begin so; `isOptional`: the region may not have this generation. */
  list(prefix: string, isOptional?: boolean): Promise<ListedFunction[]>;
  /** Resolves to undefined when there is no such function. */
  function(name: string): Promise<JsonObject | undefined>;
  createFunction(name: string, options: JsonObject): Promise<void>;
  updateFunction(name: string, options: JsonObject): Promise<void>;
  deleteFunction(name: string): Promise<void>;
  /** Deletes the function and, in 2.0, its service. */
  deleteWhole(name: string): Promise<void>;
  /** Resolves to undefined when there is no trigger; its configuration is an object in either generation. */
  trigger(name: string): Promise<JsonObject | undefined>;
  createTrigger(name: string, triggerConfig: JsonObject): Promise<void>;
  updateTrigger(name: string, changes: TriggerChanges): Promise<void>;
  deleteTrigger(name: string): Promise<void>;
  /** Calls the function and waits for its response; not tried again when it may have done its work. */
  invoke(name: string, event: Buffer): Promise<FcInvocation>;
}

/** A trigger's configuration, whole: it replaces the one that is there. */
export interface TriggerChanges {
  readonly description: string;
  readonly triggerConfig: JsonObject;
}

/** Longer than a function may run: its response is waited for. */
export const responseTimeoutMs = 310_000;
export const rowsPerPage = 100;
/** https://github.com/aliyun/terraform-provider-alicloud/blob/master/alicloud/resource_alicloud_fc_trigger.go */
const deletionSeconds = 300;

/** Waits until what was deleted is gone; throws after five minutes. */
export async function untilGone(kind: 'function' | 'trigger', name: string, read: () => Promise<unknown>): Promise<void> {
  if (await waitUntil(`the end of the ${kind}`, deletionSeconds, async () => (await read()) === undefined)) return;
  throw new Error(`The ${kind} of ${name} is still there ${deletionSeconds} s after it was deleted. Run the command again later.`);
}

/** Makes a trigger; one that is there was made by an attempt whose response was lost, or is an old one that is still going: their sources tell. */
export async function makeTrigger(
  create: () => Promise<unknown>,
  read: () => Promise<JsonObject | undefined>,
  triggerConfig: JsonObject,
): Promise<void> {
  await call(product, 'CreateTrigger', async () => {
    try {
      await create();
    } catch (error) {
      if (codeOf(error) !== 'TriggerAlreadyExists') throw error;
      const there = await read();
      if (!there || !holds(objectAt(there, 'triggerConfig').eventSourceConfig, triggerConfig.eventSourceConfig)) throw error;
    }
  });
}

/** Whether all that is desired is there, with its values; more may be. */
function holds(actual: unknown, desired: unknown): boolean {
  if (typeof desired !== 'object' || desired === null) return actual === desired;
  if (typeof actual !== 'object' || actual === null) return false;
  const fields = new Map(Object.entries(actual));
  return Object.entries(desired).every(([name, value]) => holds(fields.get(name), value));
}
