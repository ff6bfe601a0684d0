import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FcService } from '../cloud/function-compute.ts';
import type { JsonObject } from '../cloud/json.ts';
import { functionName, isServiceOf, readMark, servicePrefix, triggerName } from '../config/names.ts';
import type { Props } from '../config/schema.ts';

/** A service with what is in it. */
export interface ConnectorService {
  readonly service: FcService;
  readonly function: JsonObject | undefined;
  readonly trigger: JsonObject | undefined;
}

/** The services of a region whose names a connector may have. */
export interface FoundServices {
  readonly all: readonly FcService[];
  /** The connector's own, the oldest first; there must never be two. */
  readonly services: readonly ConnectorService[];
  /** The services that have its name and are not its own. */
  readonly namesakes: readonly FcService[];
}

/** The connector's own services with what is in them, and whatever else has a connector's name in the region. */
export async function findServices(cloud: AlibabaCloud, props: Props): Promise<FoundServices> {
  const all = await cloud.functionCompute.services(`${servicePrefix()}-`);
  const own = ownServices(all, props);
  const namesakes = all.filter((one) => isServiceOf(one.serviceName, props.name) && !own.includes(one));
  return { all, services: await Promise.all(own.map((service) => contentsOf(cloud, service))), namesakes };
}

/** Returns the services of a list that are this connector's, the oldest first. */
export function ownServices(services: readonly FcService[], { name, kafka }: Props): FcService[] {
  const isOwn = ({ serviceName, description }: FcService) => {
    const mark = readMark(description);
    return isServiceOf(serviceName, name) && mark?.connector === name && mark.instanceId === kafka.instanceId;
  };
  return services.filter(isOwn).sort(byAge);
}

/** The older first; of the same second, by name: every deployment sees the same order. */
export function byAge(left: FcService, right: FcService): number {
  const [first, second] = [left, right].map(({ createdTime, serviceName }) => `${createdTime} ${serviceName}`);
  return String(first) < String(second) ? -1 : 1;
}

/** What is in a service. */
export async function contentsOf({ functionCompute }: AlibabaCloud, service: FcService): Promise<ConnectorService> {
  const { serviceName } = service;
  const [row, trigger] = await Promise.all([
    functionCompute.function(serviceName, functionName),
    functionCompute.trigger(serviceName, functionName, triggerName),
  ]);
  return { service, function: row, trigger };
}

/** What two services of one connector are, and what to do about them. */
export function describeDuplicates(services: readonly ConnectorService[]): string {
  return `services ${services.map(({ service }) => service.serviceName).join(' and ')} are all this connector's, and may all read as its group. ${duplicateFix}`;
}

/** Describes how two services of one connector become one. */
export const duplicateFix = 'Run `s remove`, which takes all of them and keeps topics, group and position, and then `s deploy`.';
