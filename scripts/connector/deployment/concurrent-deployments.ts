import { setTimeout as sleep } from 'node:timers/promises';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FcService } from '../cloud/function-compute.ts';
import { functionName, servicePrefix, triggerName } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { byAge, ownServices } from '../running/services.ts';

const pollMs = 1000;
const maxLooks = 30;

/** This deployment, which has made a service or found that of an earlier one. */
interface OwnDeployment {
  readonly cloud: AlibabaCloud;
  readonly props: Props;
  readonly serviceName: string;
  readonly hasMadeService: boolean;
}

/**
 * Throws when another deployment has made a service for this connector at the same time: two would read one group, each a part of the records.
 * The older service goes on, unless the younger has its trigger already; whoever steps back removes what it has made. Each looks after it has
 * made its service and again before it makes a trigger, so that of two deployments at least one sees the other before both have triggers.
 */
export async function stopIfAnotherDeploys(deployment: OwnDeployment): Promise<void> {
  const { cloud, props, serviceName, hasMadeService } = deployment;
  const services = await look(deployment);
  const self = services.find((one) => one.serviceName === serviceName);
  const others = services.filter((one) => one.serviceName !== serviceName);
  const first = await firstThatGoesOn(cloud, others, self);
  if (!first) return;
  if (hasMadeService) await removeOwn(cloud, serviceName);
  const outcome = hasMadeService ? `its service ${serviceName} was removed again` : `service ${serviceName} is this connector's, too`;
  throw new Error(
    `Another deployment of connector ${props.name} has made service ${first.serviceName} meanwhile; this one stopped before it made a trigger, and ${outcome}. Run \`s deploy\` again when the other has ended.`,
  );
}

/** Lists the connector's services; a list may not show yet what has just been made. */
async function look({ cloud, props, serviceName }: OwnDeployment): Promise<FcService[]> {
  for (let looks = 1; ; looks += 1) {
    const services = ownServices(await cloud.functionCompute.services(servicePrefix(props.name)), props);
    if (looks === maxLooks || services.some((one) => one.serviceName === serviceName)) return services;
    await sleep(pollMs);
  }
}

async function firstThatGoesOn(
  { functionCompute }: AlibabaCloud,
  others: readonly FcService[],
  self: FcService | undefined,
): Promise<FcService | undefined> {
  const older = others.find((other) => self === undefined || byAge(other, self) < 0);
  if (older) return older;
  for (const other of others) if (await functionCompute.trigger(other.serviceName, functionName, triggerName)) return other;
  return undefined;
}

async function removeOwn({ functionCompute }: AlibabaCloud, serviceName: string): Promise<void> {
  await functionCompute.deleteFunction(serviceName, functionName);
  await functionCompute.deleteService(serviceName);
}
