import type { Access } from '../access.ts';
import { call, found, made } from '../call.ts';
import type { JsonObject } from '../json.ts';
import { loadSdk } from '../sdk.ts';
import {
  type FcInvocation,
  type FunctionComputeApi,
  functionInService as functionName,
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

/** API 2016-08-15 knows the trigger type only for those who ask for it: https://github.com/devsapp/fc-deploy */
const enableEventBridge = { 'x-fc-enable-eventbridge-trigger': 'enable' };

/** Function Compute 2.0, API 2016-08-15: services with one function each; names are those of services. */
export class FunctionCompute2 implements FunctionComputeApi {
  readonly #client;

  constructor({ accountId, accessKeyId, accessKeySecret, securityToken, region, endpoint }: Access) {
    const Client = loadSdk('@alicloud/fc2');
    this.#client = new Client(accountId, {
      accessKeyID: accessKeyId,
      accessKeySecret: accessKeySecret.reveal(),
      ...(securityToken && { securityToken: securityToken.reveal() }),
      region,
      // Without it the SDK speaks plain http to the cloud.
      secure: endpoint === undefined,
      ...(endpoint && { endpoint: endpoint.origin }),
      timeout: responseTimeoutMs,
    });
  }

  async zones(): Promise<readonly string[]> {
    const { data } = await call(product, 'GetAccountSettings', () => this.#client.getAccountSettings());
    return data.availableAZs ?? [];
  }

  async list(prefix: string, isOptional = false): Promise<ListedFunction[]> {
    const services: ListedFunction[] = [];
    let nextToken: string | undefined;
    do {
      const page = { prefix, limit: rowsPerPage, ...(nextToken !== undefined && { nextToken }) };
      const { data } = await call(product, 'ListServices', () => this.#client.listServices(page), { isOptional });
      for (const row of data.services) {
        const { serviceName: name, description, createdTime } = row;
        services.push({ generation: '2.0', name, description: description ?? '', createdTime, row });
      }
      nextToken = data.nextToken || undefined;
    } while (nextToken !== undefined);
    return services;
  }

  async createService(serviceName: string, options: JsonObject): Promise<void> {
    await made(
      call(product, 'CreateService', () => this.#client.createService(serviceName, options)),
      'ServiceAlreadyExists',
    );
  }

  async updateService(serviceName: string, options: JsonObject): Promise<void> {
    await call(product, 'UpdateService', () => this.#client.updateService(serviceName, options));
  }

  async deleteService(serviceName: string): Promise<void> {
    await found(
      call(product, 'DeleteService', () => this.#client.deleteService(serviceName)),
      'ServiceNotFound',
    );
  }

  async function(serviceName: string): Promise<JsonObject | undefined> {
    const response = call(product, 'GetFunction', () => this.#client.getFunction(serviceName, functionName));
    return (await found(response, 'FunctionNotFound', 'ServiceNotFound'))?.data;
  }

  async createFunction(serviceName: string, options: JsonObject): Promise<void> {
    await made(
      call(product, 'CreateFunction', () => this.#client.createFunction(serviceName, { functionName, ...options })),
      'FunctionAlreadyExists',
    );
  }

  async updateFunction(serviceName: string, options: JsonObject): Promise<void> {
    await call(product, 'UpdateFunction', () => this.#client.updateFunction(serviceName, functionName, options));
  }

  async deleteFunction(serviceName: string): Promise<void> {
    await found(
      call(product, 'DeleteFunction', () => this.#client.deleteFunction(serviceName, functionName)),
      'FunctionNotFound',
      'ServiceNotFound',
    );
    await untilGone('function', serviceName, () => this.function(serviceName));
  }

  async deleteWhole(serviceName: string): Promise<void> {
    await this.deleteFunction(serviceName);
    await this.deleteService(serviceName);
  }

  async trigger(serviceName: string): Promise<JsonObject | undefined> {
    const response = call(product, 'GetTrigger', () => this.#client.getTrigger(serviceName, functionName, triggerName, enableEventBridge));
    return (await found(response, 'TriggerNotFound', 'FunctionNotFound', 'ServiceNotFound'))?.data;
  }

  async createTrigger(serviceName: string, triggerConfig: JsonObject): Promise<void> {
    const options = { triggerName, triggerType: 'eventbridge', triggerConfig };
    const create = () => this.#client.createTrigger(serviceName, functionName, options, enableEventBridge);
    await makeTrigger(create, () => this.trigger(serviceName), triggerConfig);
  }

  async updateTrigger(serviceName: string, changes: TriggerChanges): Promise<void> {
    await call(product, 'UpdateTrigger', () =>
      this.#client.updateTrigger(serviceName, functionName, triggerName, { ...changes }, enableEventBridge),
    );
  }

  async deleteTrigger(serviceName: string): Promise<void> {
    await found(
      call(product, 'DeleteTrigger', () => this.#client.deleteTrigger(serviceName, functionName, triggerName, {}, enableEventBridge)),
      'TriggerNotFound',
      'FunctionNotFound',
      'ServiceNotFound',
    );
    await untilGone('trigger', serviceName, () => this.trigger(serviceName));
  }

  async invoke(serviceName: string, event: Buffer): Promise<FcInvocation> {
    const request = () => this.#client.invokeFunction(serviceName, functionName, event, { 'x-fc-log-type': 'Tail' });
    const { data, headers } = await call(product, 'InvokeFunction', request, { isOnce: true, event });
    return invocationFrom(Buffer.isBuffer(data) || typeof data === 'string' ? data.toString() : JSON.stringify(data), headers);
  }
}
