import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Access } from '../access.ts';
import { call, found, made } from '../call.ts';
import type { JsonObject } from '../json.ts';
import { loadSdk, openClient, runtimeOptions } from '../sdk.ts';
import {
  type FcInvocation,
  type FunctionComputeApi,
  invocationFrom,
  type ListedFunction,
  makeTrigger,
  product,
  responseTimeoutMs,
  rowsPerPage,
  type TriggerChanges,
  triggerName,
  untilGone,
} from './function-compute.ts';

/** The version that triggers call, which they must name: https://registry.terraform.io/providers/aliyun/alicloud/latest/docs/resources/fcv3_trigger */
const qualifier = 'LATEST';

/** Function Compute 3.0, API 2023-03-30: functions that have their own role, network and log. */
export class FunctionCompute3 implements FunctionComputeApi {
  readonly #sdk = loadSdk('@alicloud/fc20230330');
  readonly #client;

  constructor(access: Access) {
    const endpoint = `fcv3.${access.region}.aliyuncs.com`;
    this.#client = openClient(this.#sdk, access, { endpoint, readTimeoutMs: responseTimeoutMs });
  }

  /** No call of this API tells them. */
  async zones(): Promise<undefined> {
    return undefined;
  }

  async list(prefix: string, isOptional = false): Promise<ListedFunction[]> {
    const functions: ListedFunction[] = [];
    let nextToken: string | undefined;
    do {
      const page = new this.#sdk.ListFunctionsRequest({ prefix, limit: rowsPerPage, fcVersion: 'v3', nextToken });
      const { body } = await call(product, 'ListFunctions', () => this.#client.listFunctions(page), { isOptional });
      for (const row of body?.functions ?? []) {
        const { functionName: name = '', description = '', createdTime = '' } = row;
        functions.push({ generation: '3.0', name, description, createdTime, row: { ...row } });
      }
      nextToken = body?.nextToken || undefined;
    } while (nextToken !== undefined);
    return functions;
  }

  async function(functionName: string): Promise<JsonObject | undefined> {
    const request = new this.#sdk.GetFunctionRequest({});
    const response = await found(
      call(product, 'GetFunction', () => this.#client.getFunction(functionName, request)),
      'FunctionNotFound',
    );
    return response?.body && { ...response.body };
  }

  async createFunction(functionName: string, options: JsonObject): Promise<void> {
    const body = new this.#sdk.CreateFunctionInput({ functionName, ...options });
    const request = new this.#sdk.CreateFunctionRequest({ body });
    await made(
      call(product, 'CreateFunction', () => this.#client.createFunction(request)),
      'FunctionAlreadyExists',
    );
  }

  async updateFunction(functionName: string, options: JsonObject): Promise<void> {
    const request = new this.#sdk.UpdateFunctionRequest({ body: new this.#sdk.UpdateFunctionInput({ ...options }) });
    await call(product, 'UpdateFunction', () => this.#client.updateFunction(functionName, request));
  }

  async deleteFunction(functionName: string): Promise<void> {
    await found(
      call(product, 'DeleteFunction', () => this.#client.deleteFunction(functionName)),
      'FunctionNotFound',
    );
    await untilGone('function', functionName, () => this.function(functionName));
  }

  deleteWhole(functionName: string): Promise<void> {
    return this.deleteFunction(functionName);
  }

  /** Gives the function these tags, beside those that it has; an update of the function takes none. */
  async tagFunction(functionName: string, tags: readonly Tag[]): Promise<void> {
    const { functionArn } = (await this.function(functionName)) ?? {};
    if (typeof functionArn !== 'string')
      throw new Error(`${product}: GetFunction tells no ARN of ${functionName}, by which it could be given its tags.`);
    const body = new this.#sdk.TagResourcesInput({ resourceId: [functionArn], resourceType: 'function', tag: tags });
    await call(product, 'TagResources', () => this.#client.tagResources(new this.#sdk.TagResourcesRequest({ body })));
  }

  async trigger(functionName: string): Promise<JsonObject | undefined> {
    const response = call(product, 'GetTrigger', () => this.#client.getTrigger(functionName, triggerName));
    const { body } = (await found(response, 'TriggerNotFound', 'FunctionNotFound')) ?? {};
    return body && { ...body, triggerConfig: configFrom(body.triggerConfig, functionName) };
  }

  async createTrigger(functionName: string, config: JsonObject): Promise<void> {
    const triggerConfig = JSON.stringify(config);
    const body = new this.#sdk.CreateTriggerInput({ triggerName, triggerType: 'eventbridge', triggerConfig, qualifier });
    const create = () => this.#client.createTrigger(functionName, new this.#sdk.CreateTriggerRequest({ body }));
    await makeTrigger(create, () => this.trigger(functionName), config);
  }

  async updateTrigger(functionName: string, { description, triggerConfig }: TriggerChanges): Promise<void> {
    const body = new this.#sdk.UpdateTriggerInput({ description, triggerConfig: JSON.stringify(triggerConfig), qualifier });
    const request = new this.#sdk.UpdateTriggerRequest({ body });
    await call(product, 'UpdateTrigger', () => this.#client.updateTrigger(functionName, triggerName, request));
  }

  async deleteTrigger(functionName: string): Promise<void> {
    await found(
      call(product, 'DeleteTrigger', () => this.#client.deleteTrigger(functionName, triggerName)),
      'TriggerNotFound',
      'FunctionNotFound',
    );
    await untilGone('trigger', functionName, () => this.trigger(functionName));
  }

  async invoke(functionName: string, event: Buffer): Promise<FcInvocation> {
    const request = () => this.#invoke(functionName, event);
    const { body, headers = {} } = await call(product, 'InvokeFunction', request, { isOnce: true, event });
    return invocationFrom(body ? (await buffer(body)).toString() : '', headers);
  }

  #invoke(functionName: string, event: Buffer) {
    const headers = new this.#sdk.InvokeFunctionHeaders({ xFcLogType: 'Tail' });
    const request = new this.#sdk.InvokeFunctionRequest({ body: Readable.from([event]) });
    return this.#client.invokeFunctionWithOptions(functionName, request, headers, runtimeOptions());
  }
}

function configFrom(text: string | undefined, functionName: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    throw new Error(
      `${product}: the configuration of the trigger of ${functionName} is no JSON. Look at it in the Function Compute console.`,
    );
  }
}

/** A tag of a resource. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}
