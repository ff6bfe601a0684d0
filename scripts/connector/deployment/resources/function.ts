import { functionDescription } from '../../../bundle/version.ts';
import { functionInService } from '../../cloud/function-compute/function-compute.ts';
import type { Tag } from '../../cloud/function-compute/function-compute-3.ts';
import { type JsonObject, notReturned, objectAt, textAt } from '../../cloud/json.ts';
import { type Environment, environmentIn, hideSecrets, revealSecrets } from '../../config/environment.ts';
import type { Props } from '../../config/schema.ts';
import { desiredPlacement, foundPlacement, newName, type PlacementFields, placementOptions } from './placement.ts';
import type { Change, Named, PlanContext, Provider, StepContext } from './provider.ts';

const initializer: Hook = { handler: 'index.initialize', timeout: 60 };
const preStop: Hook = { handler: 'index.preStop', timeout: 10 };

/** A handler of the instance's life, with its limit in seconds. */
interface Hook {
  readonly handler: string;
  readonly timeout: number;
}

/** What both generations call alike, and each what it has beside: 2.0 an initializer of its own, 3.0 what a service has in 2.0. */
export interface FunctionFields extends Partial<Omit<PlacementFields, 'description'>> {
  /** Names the package and its version. */
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  readonly initializer?: string;
  /** Seconds, as `timeout`. */
  readonly initializationTimeout?: number;
  readonly instanceLifecycleConfig: { readonly initializer?: Hook; readonly preStop: Hook };
  readonly timeout: number;
  /** MB. */
  readonly memorySize: number;
  readonly environmentVariables: Environment;
  /** CRC-64 of the package. */
  readonly codeChecksum: string;
  readonly tags?: Tags;
}

interface Tags {
  readonly [key: string]: string;
}

/** The connector's function: in 2.0 the one of its service, in 3.0 with role, network and log of its own. */
export const connectorFunction: Provider<FunctionFields> = {
  desired: (context) => [context.props.function.api === '2.0' ? desiredInService(context) : desiredAlone(context)],
  found: ({ own }) => {
    if (!own?.function) return [];
    return [own.generation === '2.0' ? foundInService(own.function) : foundAlone(own.name, own.function)];
  },
  create: async (resource, context) => {
    const code = { zipFile: context.zipFile };
    if (context.generation === '2.0') {
      return context.cloud.functionCompute2.createFunction(context.address.name, { ...optionsOf(resource), code });
    }
    const name = newName(resource.name);
    const options = { ...optionsOf(resource), ...placementOf(resource, context), tags: tagsOf(resource) };
    await context.cloud.functionCompute3.createFunction(name, { ...options, code });
    await context.madeFunction(name);
  },
  change: async (resource, context, changes) => {
    const { cloud, address, generation } = context;
    const code = { zipFile: context.zipFile };
    const options = { ...optionsOf(resource), ...(hasChanged('codeChecksum', changes) && { code }) };
    if (generation === '2.0') return cloud.functionCompute2.updateFunction(address.name, options);
    await cloud.functionCompute3.updateFunction(address.name, { ...options, ...placementOf(resource, context) });
    if (hasChanged('tags.', changes)) await cloud.functionCompute3.tagFunction(address.name, tagsOf(resource));
  },
  delete: (_resource, { cloud, address }) => cloud.functionCompute(address.generation).deleteFunction(address.name),
};

function desiredInService(context: PlanContext): Named<FunctionFields> {
  return {
    name: functionInService,
    description: functionDescription,
    runtime: 'nodejs20',
    handler: 'index.handler',
    initializer: initializer.handler,
    initializationTimeout: initializer.timeout,
    instanceLifecycleConfig: { preStop },
    ...desiredSize(context),
  };
}

function desiredAlone(context: PlanContext): Named<FunctionFields> {
  const { name, description, ...placement } = desiredPlacement(context);
  return {
    name,
    description,
    runtime: 'nodejs20',
    handler: 'index.handler',
    instanceLifecycleConfig: { initializer, preStop },
    ...desiredSize(context),
    ...placement,
    tags: desiredTags(context.props),
  };
}

function desiredSize({ environment, codeChecksum, props }: PlanContext) {
  const { memorySize, timeout } = props.function;
  return { timeout, memorySize, environmentVariables: environment, codeChecksum };
}

/** By which a user finds what belongs to a connector, and what it costs. */
function desiredTags({ name, kafka }: Props): Tags {
  return { connector: name, kafkaInstance: kafka.instanceId, sourceTopic: kafka.topic };
}

function foundInService(row: JsonObject): Named<FunctionFields> {
  return {
    name: functionInService,
    ...foundFields(row),
    initializer: textAt(row, 'initializer'),
    initializationTimeout: Number(row.initializationTimeout),
    instanceLifecycleConfig: { preStop: foundHook(row, 'preStop') },
  };
}

function foundAlone(name: string, row: JsonObject): Named<FunctionFields> {
  return {
    name,
    ...foundFields(row),
    instanceLifecycleConfig: { initializer: foundHook(row, 'initializer'), preStop: foundHook(row, 'preStop') },
    ...foundPlacement(row),
    tags: foundTags(row),
  };
}

function foundFields(row: JsonObject) {
  return {
    description: textAt(row, 'description'),
    runtime: textAt(row, 'runtime'),
    handler: textAt(row, 'handler'),
    timeout: Number(row.timeout),
    memorySize: Number(row.memorySize),
    environmentVariables: hideSecrets(environmentIn(row)),
    codeChecksum: textAt(row, 'codeChecksum'),
  };
}

function foundHook(row: JsonObject, name: 'initializer' | 'preStop'): Hook {
  const hook = objectAt(objectAt(row, 'instanceLifecycleConfig'), name);
  return { handler: textAt(hook, 'handler'), timeout: Number(hook.timeout) };
}

/** Those of a user's own stay, and are no difference. */
function foundTags({ tags }: JsonObject): Tags {
  const own = ['connector', 'kafkaInstance', 'sourceTopic'];
  if (!Array.isArray(tags) || tags.some(({ key }) => typeof key !== 'string'))
    return Object.fromEntries(own.map((key) => [key, notReturned]));
  const found = tags.map(({ key, value }): [string, string] => [String(key), String(value)]);
  return Object.fromEntries(found.filter(([key]) => own.includes(key)));
}

/** What both generations take alike. */
function optionsOf({
  name: _name,
  codeChecksum: _checksum,
  environmentVariables,
  role: _role,
  logConfig: _logConfig,
  vpcConfig: _vpcConfig,
  tags: _tags,
  ...options
}: Named<FunctionFields>): JsonObject {
  return { ...options, environmentVariables: revealSecrets(environmentVariables) };
}

function placementOf({ description, role, logConfig, vpcConfig }: FunctionFields, context: StepContext): JsonObject {
  if (!logConfig || !vpcConfig) return {};
  return placementOptions({ description, ...(role !== undefined && { role }), logConfig, vpcConfig }, context);
}

function tagsOf({ tags = {} }: FunctionFields): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function hasChanged(field: string, changes: readonly Change[]): boolean {
  return changes.some((change) => change.field.startsWith(field));
}
