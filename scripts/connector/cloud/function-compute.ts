import type { Access } from './access.ts';
import { call, codeOf, found, made } from './call.ts';
import type { JsonObject } from './json.ts';
import { loadSdk } from './sdk.ts';
import { waitUntil } from './waiting.ts';

const product = 'Function Compute';
/** API 2016-08-15 knows the trigger type only for those who ask for it: https://github.com/devsapp/fc-deploy */
const enableEventBridge = { 'x-fc-enable-eventbridge-trigger': 'enable' };
const rowsPerPage = 100;
/** Longer than a function may run: its response is waited for. */
const responseTimeoutMs = 310_000;
/** https://github.com/aliyun/terraform-provider-alicloud/blob/master/alicloud/resource_alicloud_fc_trigger.go */
const deletionSeconds = 300;

/** A service as the API tells of it; more fields than these may be there. */
export interface FcService extends JsonObject {
  readonly serviceName: string;
  readonly description: string;
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

/** Function Compute 2.0: services, functions, triggers, invocations. */
export class FunctionComputeApi {
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

  /** Zones where functions can be given a network interface. */
  async zones(): Promise<readonly string[]> {
    const { data } = await call(product, 'GetAccountSettings', () => this.#client.getAccountSettings());
    return data.availableAZs ?? [];
  }

  /** The services whose names begin so. */
  async services(prefix: string): Promise<FcService[]> {
    const services: FcService[] = [];
    let nextToken: string | undefined;
    do {
      const page = { prefix, limit: rowsPerPage, ...(nextToken !== undefined && { nextToken }) };
      const { data } = await call(product, 'ListServices', () => this.#client.listServices(page));
      services.push(...data.services);
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

  async function(serviceName: string, functionName: string): Promise<JsonObject | undefined> {
    const response = call(product, 'GetFunction', () => this.#client.getFunction(serviceName, functionName));
    return (await found(response, 'FunctionNotFound', 'ServiceNotFound'))?.data;
  }

  async createFunction(serviceName: string, options: JsonObject): Promise<void> {
    await made(
      call(product, 'CreateFunction', () => this.#client.createFunction(serviceName, options)),
      'FunctionAlreadyExists',
    );
  }

  async updateFunction(serviceName: string, functionName: string, options: JsonObject): Promise<void> {
    await call(product, 'UpdateFunction', () => this.#client.updateFunction(serviceName, functionName, options));
  }

  async deleteFunction(serviceName: string, functionName: string): Promise<void> {
    await found(
      call(product, 'DeleteFunction', () => this.#client.deleteFunction(serviceName, functionName)),
      'FunctionNotFound',
      'ServiceNotFound',
    );
    const isGone = async () => (await this.function(serviceName, functionName)) === undefined;
    if (await waitUntil('the end of the function', deletionSeconds, isGone)) return;
    throw new Error(
      `Function ${functionName} of ${serviceName} is still there ${deletionSeconds} s after it was deleted. Run the command again later.`,
    );
  }

  async trigger(serviceName: string, functionName: string, triggerName: string): Promise<JsonObject | undefined> {
    const response = call(product, 'GetTrigger', () => this.#client.getTrigger(serviceName, functionName, triggerName, enableEventBridge));
    return (await found(response, 'TriggerNotFound', 'FunctionNotFound', 'ServiceNotFound'))?.data;
  }

  /** One of the name that is there was made by an attempt whose response was lost, or is an old one that is still going: their sources tell. */
  async createTrigger(serviceName: string, functionName: string, options: JsonObject & { readonly triggerName: string }): Promise<void> {
    await call(product, 'CreateTrigger', async () => {
      try {
        await this.#client.createTrigger(serviceName, functionName, options, enableEventBridge);
      } catch (error) {
        if (codeOf(error) !== 'TriggerAlreadyExists') throw error;
        const there = await this.trigger(serviceName, functionName, options.triggerName);
        if (!there || !holds(sourceOf(there), sourceOf(options))) throw error;
      }
    });
  }

  async updateTrigger(serviceName: string, functionName: string, triggerName: string, options: JsonObject): Promise<void> {
    await call(product, 'UpdateTrigger', () =>
      this.#client.updateTrigger(serviceName, functionName, triggerName, options, enableEventBridge),
    );
  }

  async deleteTrigger(serviceName: string, functionName: string, triggerName: string): Promise<void> {
    await found(
      call(product, 'DeleteTrigger', () => this.#client.deleteTrigger(serviceName, functionName, triggerName, {}, enableEventBridge)),
      'TriggerNotFound',
      'FunctionNotFound',
      'ServiceNotFound',
    );
    const isGone = async () => (await this.trigger(serviceName, functionName, triggerName)) === undefined;
    if (await waitUntil('the end of the trigger', deletionSeconds, isGone)) return;
    throw new Error(
      `Trigger ${triggerName} of ${serviceName} is still there ${deletionSeconds} s after it was deleted. Run the command again later.`,
    );
  }

  /** Calls the function and waits for its response; not tried again when it may have done its work. */
  async invoke(serviceName: string, functionName: string, event: Buffer): Promise<FcInvocation> {
    const request = () => this.#client.invokeFunction(serviceName, functionName, event, { 'x-fc-log-type': 'Tail' });
    const { data, headers } = await call(product, 'InvokeFunction', request, { isOnce: true });
    return {
      body: Buffer.isBuffer(data) || typeof data === 'string' ? data.toString() : JSON.stringify(data),
      errorType: headers['x-fc-error-type'],
      log: Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString(),
      requestId: headers['x-fc-request-id'] ?? '',
    };
  }
}

function sourceOf(trigger: JsonObject): unknown {
  const config = trigger.triggerConfig;
  return typeof config === 'object' && config !== null && 'eventSourceConfig' in config ? config.eventSourceConfig : undefined;
}

/** Whether all that is desired is there, with its values; more may be. */
function holds(actual: unknown, desired: unknown): boolean {
  if (typeof desired !== 'object' || desired === null) return actual === desired;
  if (typeof actual !== 'object' || actual === null) return false;
  const fields = new Map(Object.entries(actual));
  return Object.entries(desired).every(([name, value]) => holds(fields.get(name), value));
}
