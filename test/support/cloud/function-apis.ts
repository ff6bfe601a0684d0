// The API of each generation of Function Compute by its own SDK, in one form for tests of what both do.
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Generation } from '../../../scripts/local/api/generation.ts';
import type { TestCloud } from './local-cloud.ts';
import { fc3, runtimeOptions } from './sdk-clients.ts';

/** Members of the API, by their names. */
export interface Fields {
  readonly [name: string]: unknown;
}

/** An answer to an invocation, its headers in lower case. */
interface Invocation {
  readonly data: string;
  readonly headers: { readonly [name: string]: string | undefined };
}

/** The calls about one function, `sink` (of 2.0: in the service `svc`), and its trigger `kafka`. Hooks, role, logs and VPC are given as in 3.0; triggers' configurations are objects. */
export interface FunctionApi {
  /** Makes the service, too, where there is one. */
  create(options: Fields): Promise<Fields>;
  update(options: Fields): Promise<Fields>;
  get(): Promise<Fields>;
  code(): Promise<{ readonly url: string; readonly checksum: string }>;
  names(options?: { prefix?: string; limit?: number; nextToken?: string }): Promise<{ names: string[]; next: string | undefined }>;
  remove(): Promise<void>;
  /** The service and what is attached to it; nothing in 3.0. */
  removeRest(): Promise<void>;
  invoke(event: string | Buffer, headers?: { readonly [name: string]: string }): Promise<Invocation>;
  createTrigger(options: Fields): Promise<Trigger>;
  updateTrigger(options: Fields): Promise<Trigger>;
  getTrigger(): Promise<Trigger>;
  triggerNames(): Promise<string[]>;
  removeTrigger(): Promise<void>;
}

/** A trigger as the API tells of it. */
export interface Trigger extends Fields {
  readonly triggerName: string;
  readonly sourceArn: string;
  readonly triggerConfig: Fields;
}

/** Both generations, for tables of tests. */
export const generations: readonly Generation[] = ['2.0', '3.0'];

/** Calls by the account's key. */
export function functionApi(generation: Generation, cloud: TestCloud): FunctionApi {
  return generation === '2.0' ? serviceApi(cloud.clients().fc) : standaloneApi(cloud.clients().fc3);
}

const [service, name, trigger] = ['svc', 'sink', 'kafka'];
const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };

function serviceApi(fc: ReturnType<TestCloud['clients']>['fc']): FunctionApi {
  return {
    create: async (options) => {
      const attached = attachedOf(options);
      if (
        await fc.getService(service).then(
          () => true,
          () => false,
        )
      )
        await fc.updateService(service, attached);
      else await fc.createService(service, attached);
      return (await fc.createFunction(service, withInitializer(options))).data;
    },
    update: async (options) => (await fc.updateFunction(service, name, withInitializer(options))).data,
    get: async () => (await fc.getFunction(service, name)).data,
    code: async () => (await fc.getFunctionCode(service, name)).data,
    names: async (options = {}) => {
      const { data } = await fc.listFunctions(service, options);
      return { names: data.functions.map(({ functionName }: { functionName: string }) => functionName), next: data.nextToken };
    },
    remove: async () => {
      await fc.deleteFunction(service, name);
    },
    removeRest: async () => {
      await fc.deleteService(service);
    },
    invoke: async (event, headers = {}) => fc.invokeFunction(service, name, event, headers),
    createTrigger: async (options) => (await fc.createTrigger(service, name, options, enable)).data,
    updateTrigger: async (options) => (await fc.updateTrigger(service, name, trigger, options, enable)).data,
    getTrigger: async () => (await fc.getTrigger(service, name, trigger, enable)).data,
    triggerNames: async () => {
      const { data } = await fc.listTriggers(service, name, {}, enable);
      return data.triggers.map(({ triggerName }: Trigger) => triggerName);
    },
    removeTrigger: async () => {
      await fc.deleteTrigger(service, name, trigger, {}, enable);
    },
  };
}

function attachedOf(options: Fields): Fields {
  const attached = ['role', 'vpcConfig', 'logConfig', 'internetAccess'];
  return Object.fromEntries(Object.entries(options).filter(([field]) => attached.includes(field)));
}

/** In 2.0 the initializer is not among the hooks. */
function withInitializer({ instanceLifecycleConfig, ...options }: Fields): Fields {
  const { initializer, ...hooks } = (instanceLifecycleConfig ?? {}) as { initializer?: { handler: string; timeout?: number } };
  return {
    ...options,
    ...(instanceLifecycleConfig !== undefined && { instanceLifecycleConfig: hooks }),
    ...(initializer && { initializer: initializer.handler, initializationTimeout: initializer.timeout }),
  };
}

function standaloneApi(client: ReturnType<TestCloud['clients']>['fc3']): FunctionApi {
  return {
    create: async (options) => {
      const body = new fc3.CreateFunctionInput(options);
      return { ...(await client.createFunction(new fc3.CreateFunctionRequest({ body }))).body };
    },
    update: async (options) => {
      const body = new fc3.UpdateFunctionInput(options);
      return { ...(await client.updateFunction(name, new fc3.UpdateFunctionRequest({ body }))).body };
    },
    get: async () => ({ ...(await client.getFunction(name, new fc3.GetFunctionRequest({}))).body }),
    code: async () => {
      const { url = '', checksum = '' } = (await client.getFunctionCode(name, new fc3.GetFunctionCodeRequest({}))).body ?? {};
      return { url, checksum };
    },
    names: async (options = {}) => {
      const { body } = await client.listFunctions(new fc3.ListFunctionsRequest({ fcVersion: 'v3', ...options }));
      return { names: (body?.functions ?? []).map(({ functionName = '' }) => functionName), next: body?.nextToken };
    },
    remove: async () => {
      await client.deleteFunction(name);
    },
    removeRest: async () => undefined,
    invoke: async (event, headers = {}) => {
      const request = new fc3.InvokeFunctionRequest({ body: Readable.from([Buffer.from(event)]) });
      const response = await client.invokeFunctionWithOptions(
        name,
        request,
        new fc3.InvokeFunctionHeaders({ commonHeaders: { ...headers } }),
        runtimeOptions(),
      );
      return { data: await text(response.body ?? Readable.from([])), headers: response.headers ?? {} };
    },
    createTrigger: async (options) => {
      const body = new fc3.CreateTriggerInput(withText(options));
      return parsed((await client.createTrigger(name, new fc3.CreateTriggerRequest({ body }))).body);
    },
    updateTrigger: async (options) => {
      const body = new fc3.UpdateTriggerInput(withText(options));
      return parsed((await client.updateTrigger(name, trigger, new fc3.UpdateTriggerRequest({ body }))).body);
    },
    getTrigger: async () => parsed((await client.getTrigger(name, trigger)).body),
    triggerNames: async () => {
      const { body } = await client.listTriggers(name, new fc3.ListTriggersRequest({}));
      return (body?.triggers ?? []).map(({ triggerName = '' }) => triggerName);
    },
    removeTrigger: async () => {
      await client.deleteTrigger(name, trigger);
    },
  };
}

/** The configuration is a text in 3.0. */
function withText({ triggerConfig, ...options }: Fields): Fields {
  return { ...options, ...(triggerConfig !== undefined && { triggerConfig: JSON.stringify(triggerConfig) }) };
}

function parsed(trigger: InstanceType<typeof fc3.Trigger> | undefined): Trigger {
  const { sourceArn = '', triggerConfig = '', triggerName = '' } = trigger ?? {};
  return { ...trigger, sourceArn, triggerName, triggerConfig: JSON.parse(triggerConfig) };
}
