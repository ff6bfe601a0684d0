import { CloudError } from '../../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, isObject, type JsonObject, objectAt, parseJson, textAt } from '../../http.ts';
import type { Operation } from '../../protocols/protocol.ts';
import type { Functions, StandaloneFunction } from '../functions.ts';
import type { Invocations } from '../invocations.ts';
import { bodyOf, invalid, listed } from '../resource.ts';
import { type Availability, checkGeneration, codeResponse, pathNotSupported, type Router } from '../router.ts';
import type { Triggers, TriggerView } from '../triggers.ts';
import type { StandaloneFunctions } from './functions.ts';
import type { Tags } from './tags.ts';

interface Parts extends Availability {
  readonly store: Functions;
  readonly functions: StandaloneFunctions;
  readonly tags: Tags;
  readonly triggers: Triggers;
  readonly invocations: Invocations;
}

/** What a call names, decoded, and the call itself. */
interface Call {
  readonly functionName: string;
  readonly triggerName: string;
  readonly request: ApiRequest;
  readonly requestId: string;
}

type Handler = (call: Call) => ApiResponse | Promise<ApiResponse>;

/** Function Compute 3.0, API 2023-03-30: https://github.com/alibabacloud-go/fc-20230330/blob/master/client/client.go */
export class FunctionCompute3 implements Router {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `CloudError` for a path that is none of the API's, and for an account without 3.0. */
  resolve(request: ApiRequest, requestId: string): Operation {
    checkGeneration(this.#parts, '3.0');
    for (const [method, form, action, resource, handler] of this.#routes) {
      const names = request.method === method ? form.exec(request.path) : null;
      if (!names) continue;
      const [functionName = '', triggerName = ''] = names.slice(1).map(decodeURIComponent);
      const call = { functionName, triggerName, request, requestId };
      return { product: 'fc', generation: '3.0', action, resource: resource(call), run: () => handler(call) };
    }
    throw pathNotSupported(request);
  }

  readonly #routes: readonly (readonly [string, RegExp, string, (call: Call) => string, Handler])[] = [
    ['POST', path('/functions'), 'CreateFunction', madeFunction, ({ request }) => this.#parts.functions.create(request)],
    ['GET', path('/functions'), 'ListFunctions', () => 'functions/*', ({ request }) => this.#parts.functions.list(request.query)],
    ['GET', path('/functions/*'), 'GetFunction', aFunction, (call) => this.#parts.functions.get(this.#function(call))],
    ['PUT', path('/functions/*'), 'UpdateFunction', aFunction, (call) => this.#updateFunction(call)],
    ['DELETE', path('/functions/*'), 'DeleteFunction', aFunction, (call) => this.#deleteFunction(call)],
    ['GET', path('/functions/*/code'), 'GetFunctionCode', aFunction, (call) => codeResponse(this.#parts.store, this.#function(call))],
    ['POST', path('/functions/*/invocations'), 'InvokeFunction', aFunction, (call) => this.#invoke(call)],
    ['POST', path('/functions/*/triggers'), 'CreateTrigger', aFunction, (call) => this.#createTrigger(call)],
    ['GET', path('/functions/*/triggers'), 'ListTriggers', aFunction, (call) => this.#listTriggers(call)],
    ['GET', path('/functions/*/triggers/*'), 'GetTrigger', aTrigger, (call) => this.#getTrigger(call)],
    ['PUT', path('/functions/*/triggers/*'), 'UpdateTrigger', aTrigger, (call) => this.#updateTrigger(call)],
    ['DELETE', path('/functions/*/triggers/*'), 'DeleteTrigger', aTrigger, (call) => this.#deleteTrigger(call)],
    ['POST', path('/tags-v2'), 'TagResources', () => 'functions/*', ({ request }) => this.#parts.tags.add(request)],
    ['DELETE', path('/tags-v2'), 'UntagResources', () => 'functions/*', ({ request }) => this.#parts.tags.remove(request.query)],
    ['GET', path('/tags-v2'), 'ListTagResources', () => 'functions/*', (call) => this.#parts.tags.list(call.request.query, call.requestId)],
  ];

  async #updateFunction(call: Call): Promise<ApiResponse> {
    const response = this.#parts.functions.update(this.#function(call), call.request);
    await this.#parts.invocations.retire(call.functionName);
    return response;
  }

  async #deleteFunction(call: Call): Promise<ApiResponse> {
    const row = this.#function(call);
    const response = this.#parts.functions.delete(row, this.#parts.triggers.count(row));
    await this.#parts.invocations.retire(row.id);
    return response;
  }

  #invoke(call: Call): Promise<ApiResponse> {
    return this.#parts.invocations.respond(this.#function(call), call.request, call.requestId);
  }

  async #createTrigger(call: Call): Promise<ApiResponse> {
    return this.#respond(call, await this.#parts.triggers.create(this.#function(call), triggerBody(call.request)));
  }

  #listTriggers(call: Call): ApiResponse {
    const triggers = this.#parts.triggers.list(this.#function(call));
    const { rows, ...next } = listed(triggers, ({ triggerName }) => triggerName, call.request.query);
    return { status: 200, body: { triggers: rows.map((trigger) => this.#view(call, trigger)), ...next } };
  }

  #getTrigger(call: Call): ApiResponse {
    return this.#respond(call, this.#parts.triggers.get(this.#function(call), call.triggerName));
  }

  async #updateTrigger(call: Call): Promise<ApiResponse> {
    const { request, triggerName } = call;
    return this.#respond(call, await this.#parts.triggers.update(this.#function(call), triggerName, triggerBody(request)));
  }

  async #deleteTrigger(call: Call): Promise<ApiResponse> {
    await this.#parts.triggers.delete(this.#function(call), call.triggerName);
    return { status: 204 };
  }

  #respond(call: Call, trigger: TriggerView): ApiResponse {
    return { status: 200, body: this.#view(call, trigger) };
  }

  /** The configuration is a text in this API. */
  #view({ functionName }: Call, trigger: TriggerView): object {
    const { accountId, region } = this.#parts.account;
    const targetArn = `acs:fc:${region}:${accountId}:functions/${functionName}`;
    return { ...trigger, targetArn, status: 'OK', triggerConfig: JSON.stringify(trigger.triggerConfig) };
  }

  /** Throws `CloudError` `FunctionNotFound`, and `VersionNotFound` for another version than LATEST, the only one here. */
  #function({ functionName, request }: Call): StandaloneFunction {
    const row = this.#parts.functions.find(functionName);
    const qualifier = request.query.get('qualifier') || 'LATEST';
    if (qualifier === 'LATEST') return row;
    throw new CloudError(404, 'VersionNotFound', `version '${qualifier}' of function '${functionName}' does not exist`);
  }
}

function aFunction({ functionName }: Call): string {
  return `functions/${functionName}`;
}

function aTrigger({ functionName, triggerName }: Call): string {
  return `functions/${functionName}/triggers/${triggerName}`;
}

function madeFunction({ request }: Call): string {
  return `functions/${textAt(bodyOf(request), 'functionName') ?? ''}`;
}

/** A path of the API, in which stars stand for names. */
function path(form: string): RegExp {
  return new RegExp(`^/2023-03-30${form.replaceAll('*', '([^/]+)')}$`);
}

/** With the configuration as an object of what 3.0 knows. */
function triggerBody(request: ApiRequest): JsonObject {
  const body = bodyOf(request);
  if (body.triggerConfig === undefined) return body;
  const config = parsedConfig(body.triggerConfig);
  return { ...body, triggerConfig: { ...config, runOptions: knownOptions(objectAt(config, 'runOptions')) } };
}

function parsedConfig(text: unknown): JsonObject {
  const config: unknown = typeof text === 'string' ? parseJson(text) : undefined;
  if (isObject(config)) return config;
  throw invalid('triggerConfig is not a text of a JSON object');
}

/**
 * Without what only 2.0 has, which is taken and does nothing: the API's model lacks it, and configurations that have it are deployed, such as
 * https://github.com/devsapp/fc3/blob/master/__tests__/e2e/trigger/eb/s.yaml
 */
function knownOptions({ maximumTasks: _tasks, retryStrategy, ...options }: JsonObject): JsonObject {
  if (retryStrategy === undefined) return options;
  const { PushRetryStrategy } = objectAt({ retryStrategy }, 'retryStrategy');
  return { ...options, retryStrategy: PushRetryStrategy === undefined ? {} : { PushRetryStrategy } };
}
