import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import { CloudFailure, unknownHost } from '../cloud/call.ts';
import { type FunctionAddress, type Generation, generations, type ListedFunction } from '../cloud/function-compute/function-compute.ts';
import type { JsonObject } from '../cloud/json.ts';
import { isNamedAfter, type Mark, namePrefix, readMark } from '../config/names.ts';
import type { Props } from '../config/schema.ts';

/** A connector's function, in 2.0 with the service that it lies in, and its trigger. */
export interface ConnectorFunction extends ListedFunction {
  readonly function: JsonObject | undefined;
  readonly trigger: JsonObject | undefined;
}

/** The services and functions of a region whose names a connector may have, of both generations. */
export interface FoundFunctions {
  readonly all: readonly ListedFunction[];
  /** The connector's own, the oldest first: one, or one of each generation while it moves from one to the other. */
  readonly functions: readonly ConnectorFunction[];
  /** Those that have its name and are not its own. */
  readonly namesakes: readonly ListedFunction[];
  /** The code with which the generation that the properties do not name could not be looked at: the account may not have it. */
  readonly unseen: string | undefined;
}

/** The connector's own functions, and whatever else has a connector's name in the region. */
export async function findFunctions(cloud: AlibabaCloud, props: Props): Promise<FoundFunctions> {
  const { rows: all, unseen } = await listFunctions(cloud, props.function.api);
  const own = ownFunctions(all, props);
  const namesakes = all.filter((one) => isNamedAfter(one.name, props.name) && !own.includes(one));
  return { all, functions: await Promise.all(own.map((one) => contentsOf(cloud, one))), namesakes, unseen };
}

/** Lists what has a connector's name, or this connector's, in both generations; throws when that of the properties cannot be looked at. */
export async function listFunctions(
  cloud: AlibabaCloud,
  api: Generation,
  prefix = `${namePrefix()}-`,
): Promise<{ readonly rows: ListedFunction[]; readonly unseen: string | undefined }> {
  const rows = await cloud
    .functionCompute(api)
    .list(prefix)
    .catch((error: unknown) => {
      throw error instanceof CloudFailure && (error.isRefusal || error.code === unknownHost)
        ? new Error(`${error.message} ${ifMissing[api]}`)
        : error;
    });
  try {
    return { rows: [...rows, ...(await cloud.functionCompute(otherThan(api)).list(prefix, true))], unseen: undefined };
  } catch (error) {
    if (error instanceof CloudFailure && error.isRefusal) return { rows, unseen: error.code };
    throw error;
  }
}

/** No page tells the code with which an account that has one generation alone is refused the other. */
const ifMissing: { readonly [api in Generation]: string } = {
  '2.0': "If the account has no Function Compute 2.0, as new ones have not, set function.api to '3.0'.",
  '3.0': "If the account has Function Compute 2.0 alone, set function.api to '2.0'.",
};
const listPermissions: { readonly [api in Generation]: string } = { '2.0': 'fc:ListServices', '3.0': 'fc:ListFunctions' };

/** Tells that a generation could not be looked at, and what to do if it is there. */
export function describeUnseen(generation: Generation, code: string): string {
  return `Function Compute ${generation} cannot be looked at (${code}), which is right where the account does not have it; where it does, allow this user ${listPermissions[generation]}`;
}

export function otherThan(generation: Generation): Generation {
  return generation === '2.0' ? '3.0' : '2.0';
}

/** Returns those of a list that are this connector's, the oldest first. */
export function ownFunctions(rows: readonly ListedFunction[], { name: connector, kafka }: Props): ListedFunction[] {
  const isOwn = (row: ListedFunction) => {
    const mark = markIn(row);
    return isNamedAfter(row.name, connector) && mark?.connector === connector && mark.instanceId === kafka.instanceId;
  };
  return rows.filter(isOwn).sort(byAge);
}

/** Whose it is, by its description or, in 3.0, by its tags: either may have been changed by hand. */
export function markIn({ description, row: { tags } }: ListedFunction): Mark | undefined {
  const mark = readMark(description);
  if (mark || !Array.isArray(tags)) return mark;
  const found = new Map(tags.map(({ key, value }): [unknown, unknown] => [key, value]));
  const [connector, instanceId, topic] = [found.get('connector'), found.get('kafkaInstance'), found.get('sourceTopic')];
  if (typeof connector !== 'string' || typeof instanceId !== 'string' || typeof topic !== 'string') return undefined;
  return { connector, instanceId, topic };
}

/** The older first; of the same second, by name: every deployment sees the same order. */
export function byAge(left: ListedFunction, right: ListedFunction): number {
  const [first, second] = [left, right].map(({ createdTime, name }) => `${createdTime} ${name}`);
  return String(first) < String(second) ? -1 : 1;
}

/** Looks at the function, or into the service, and at its trigger. */
export async function contentsOf(cloud: AlibabaCloud, listed: ListedFunction): Promise<ConnectorFunction> {
  const functionCompute = cloud.functionCompute(listed.generation);
  const [row, trigger] = await Promise.all([functionCompute.function(listed.name), functionCompute.trigger(listed.name)]);
  return { ...listed, function: row, trigger };
}

/** Names it for people: a service of 2.0 or a function of 3.0. */
export function describeAddress({ generation, name }: FunctionAddress): string {
  return `${kindOf(generation)} ${name}`;
}

/** Names it for programs. */
export function addressFields({ generation, name }: FunctionAddress): { readonly [field: string]: string } {
  return { api: generation, [kindOf(generation)]: name };
}

function kindOf(generation: Generation): 'service' | 'function' {
  return generation === '2.0' ? 'service' : 'function';
}

/** Those of a connector's functions that are two of one generation; none where all is well. */
export function duplicatesIn(functions: readonly ConnectorFunction[]): ConnectorFunction[] {
  const [duplicates = []] = generations
    .map((generation) => functions.filter((one) => one.generation === generation))
    .filter((some) => some.length > 1);
  return duplicates;
}

/** What two functions of one connector are, and what to do about them. */
export function describeDuplicates(functions: readonly ConnectorFunction[]): string {
  return `${functions.map(describeAddress).join(' and ')} are all this connector's, and may all read as its group. ${duplicateFix}`;
}

/** Describes how two functions of one connector become one. */
export const duplicateFix = 'Run `s remove`, which takes all of them and keeps topics, group and position, and then `s deploy`.';
