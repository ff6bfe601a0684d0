import { setTimeout as sleep } from 'node:timers/promises';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FunctionAddress, ListedFunction } from '../cloud/function-compute/function-compute.ts';
import { namePrefix } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { byAge, describeAddress, listFunctions, ownFunctions } from '../running/functions.ts';

const pollMs = 1000;
const maxLooks = 30;

/** This deployment, which has made a function or found that of an earlier one. */
interface OwnDeployment {
  readonly cloud: AlibabaCloud;
  readonly props: Props;
  readonly address: FunctionAddress;
  /** Whether this deployment has made it, and not an earlier one. */
  readonly isNew: boolean;
  /** What was there before; one of the other generation is what a connector moves from. */
  readonly known: readonly FunctionAddress[];
}

/**
 * Throws when another deployment has made a function for this connector at the same time: two would read one group, each a part of the records.
 * The older one goes on, unless the younger has its trigger already; whoever steps back removes what it has made. Each looks after it has made its
 * function (in 2.0, the service) and again before it makes a trigger, so that of two deployments at least one sees the other before both have triggers.
 */
export async function stopIfAnotherDeploys(deployment: OwnDeployment): Promise<void> {
  const { address, cloud, isNew, known, props } = deployment;
  const rows = await look(deployment);
  const self = rows.find((one) => isSame(one, address));
  const others = rows.filter(
    (one) => !isSame(one, address) && !known.some((before) => isMovedFrom(before, address) && isSame(before, one)),
  );
  const first = await firstThatGoesOn(cloud, others, self);
  if (!first) return;
  if (isNew) await cloud.functionCompute(address.generation).deleteWhole(address.name);
  const outcome = isNew ? `its ${describeAddress(address)} was removed again` : `${describeAddress(address)} is this connector's, too`;
  throw new Error(
    `Another deployment of connector ${props.name} has made ${describeAddress(first)} meanwhile; this one stopped before it made a trigger, and ${outcome}. Run \`s deploy\` again when the other has ended.`,
  );
}

function isSame(left: FunctionAddress, right: FunctionAddress): boolean {
  return left.name === right.name && left.generation === right.generation;
}

function isMovedFrom(before: FunctionAddress, { generation }: FunctionAddress): boolean {
  return before.generation !== generation;
}

/** Lists the connector's own; a list may not show yet what has just been made. */
async function look({ address, cloud, props }: OwnDeployment): Promise<ListedFunction[]> {
  for (let looks = 1; ; looks += 1) {
    const { rows } = await listFunctions(cloud, address.generation, namePrefix(props.name));
    const own = ownFunctions(rows, props);
    if (looks === maxLooks || own.some((one) => isSame(one, address))) return own;
    await sleep(pollMs);
  }
}

async function firstThatGoesOn(
  cloud: AlibabaCloud,
  others: readonly ListedFunction[],
  self: ListedFunction | undefined,
): Promise<ListedFunction | undefined> {
  const older = others.find((other) => self === undefined || byAge(other, self) < 0);
  if (older) return older;
  for (const other of others) if (await cloud.functionCompute(other.generation).trigger(other.name)) return other;
  return undefined;
}
