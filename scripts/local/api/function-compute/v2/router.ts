import { CloudError } from '../../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, header } from '../../http.ts';
import type { Operation } from '../../protocols/protocol.ts';
import type { Functions, ServiceFunction } from '../functions.ts';
import type { Invocations } from '../invocations.ts';
import { bodyOf, checkMatch, invalid, listed, tagged } from '../resource.ts';
import { type Availability, checkGeneration, codeResponse, pathNotSupported, type Router } from '../router.ts';
import type { Triggers } from '../triggers.ts';
import type { ServiceFunctions } from './functions.ts';
import type { Services } from './services.ts';

interface Parts extends Availability {
  readonly store: Functions;
  readonly services: Services;
  readonly functions: ServiceFunctions;
  readonly triggers: Triggers;
  readonly invocations: Invocations;
}

type Handler = (names: readonly string[], request: ApiRequest, requestId: string) => ApiResponse | Promise<ApiResponse>;

/** Function Compute 2.0, API 2016-08-15: https://github.com/aliyun/fc-nodejs-sdk/blob/master/lib/client.js */
export class FunctionCompute2 implements Router {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `CloudError` for a path that is none of the API's, and for an account without 2.0. */
  resolve(request: ApiRequest, requestId: string): Operation {
    checkGeneration(this.#parts, '2.0');
    const path = decodeURIComponent(request.path).replace(/^\/2016-08-15/, '');
    for (const [method, form, action, handler] of this.#routes) {
      const names = request.method === method ? form.exec(path) : null;
      if (names) return { product: 'fc', generation: '2.0', action, run: () => handler(names.slice(1), request, requestId) };
    }
    throw pathNotSupported(request);
  }

  readonly #routes: readonly (readonly [string, RegExp, string, Handler])[] = [
    ['GET', /^\/account-settings$/, 'GetAccountSettings', () => this.#accountSettings()],
    ['POST', /^\/services$/, 'CreateService', (_names, request) => this.#parts.services.create(request)],
    ['GET', /^\/services$/, 'ListServices', (_names, { query }) => this.#parts.services.list(query)],
    ['GET', /^\/services\/([^/]+)$/, 'GetService', ([service = '']) => this.#parts.services.get(unqualified(service))],
    ['PUT', /^\/services\/([^/]+)$/, 'UpdateService', ([service = ''], request) => this.#updateService(service, request)],
    ['DELETE', /^\/services\/([^/]+)$/, 'DeleteService', ([service = ''], request) => this.#deleteService(service, request)],
    ['POST', functionsPath, 'CreateFunction', ([service = ''], request) => this.#parts.functions.create(this.#service(service), request)],
    ['GET', functionsPath, 'ListFunctions', ([service = ''], { query }) => this.#parts.functions.list(this.#service(service), query)],
    ['GET', functionPath(), 'GetFunction', ([service = '', name = '']) => this.#parts.functions.get(this.#service(service), name)],
    ['PUT', functionPath(), 'UpdateFunction', (names, request) => this.#updateFunction(this.#function(names), request)],
    ['DELETE', functionPath(), 'DeleteFunction', (names, request) => this.#deleteFunction(this.#function(names), request)],
    ['GET', functionPath('/code'), 'GetFunctionCode', (names) => codeResponse(this.#parts.store, this.#function(names))],
    ['POST', functionPath('/invocations'), 'InvokeFunction', (names, request, id) => this.#invoke(names, request, id)],
    ['POST', functionPath('/triggers'), 'CreateTrigger', (names, request) => this.#createTrigger(names, request)],
    ['GET', functionPath('/triggers'), 'ListTriggers', (names, request) => this.#listTriggers(names, request)],
    ['GET', triggerPath, 'GetTrigger', (names, request) => this.#getTrigger(names, request)],
    ['PUT', triggerPath, 'UpdateTrigger', (names, request) => this.#updateTrigger(names, request)],
    ['DELETE', triggerPath, 'DeleteTrigger', (names, request) => this.#deleteTrigger(names, request)],
  ];

  #accountSettings(): ApiResponse {
    const { functionComputeZones, accountId } = this.#parts.account;
    const defaultRole = `acs:ram::${accountId}:role/aliyunfcdefaultrole`;
    return { status: 200, body: { availableAZs: functionComputeZones, defaultRole } };
  }

  async #updateService(serviceName: string, request: ApiRequest): Promise<ApiResponse> {
    const response = this.#parts.services.update(serviceName, request);
    await Promise.all(this.#parts.functions.of(serviceName).map(({ id }) => this.#parts.invocations.retire(id)));
    return response;
  }

  #deleteService(serviceName: string, request: ApiRequest): ApiResponse {
    return this.#parts.services.delete(serviceName, request, this.#parts.functions.of(serviceName).length);
  }

  async #updateFunction(row: ServiceFunction, request: ApiRequest): Promise<ApiResponse> {
    const response = this.#parts.functions.update(row, request);
    await this.#parts.invocations.retire(row.id);
    return response;
  }

  async #deleteFunction(row: ServiceFunction, request: ApiRequest): Promise<ApiResponse> {
    const response = this.#parts.functions.delete(row, request, this.#parts.triggers.count(row));
    await this.#parts.invocations.retire(row.id);
    return response;
  }

  #invoke(names: readonly string[], request: ApiRequest, requestId: string): Promise<ApiResponse> {
    return this.#parts.invocations.respond(this.#function(names), request, requestId);
  }

  async #createTrigger(names: readonly string[], request: ApiRequest): Promise<ApiResponse> {
    checkHeader(request);
    return tagged(await this.#parts.triggers.create(this.#function(names), bodyOf(request)));
  }

  #listTriggers(names: readonly string[], request: ApiRequest): ApiResponse {
    checkHeader(request);
    const triggers = this.#parts.triggers.list(this.#function(names));
    const { rows, ...next } = listed(triggers, ({ triggerName }) => triggerName, request.query);
    return { status: 200, body: { triggers: rows, ...next } };
  }

  #getTrigger(names: readonly string[], request: ApiRequest): ApiResponse {
    checkHeader(request);
    return tagged(this.#parts.triggers.get(this.#function(names), names[2] ?? ''));
  }

  async #updateTrigger(names: readonly string[], request: ApiRequest): Promise<ApiResponse> {
    this.#checkTriggerMatch(names, request);
    return tagged(await this.#parts.triggers.update(this.#function(names), names[2] ?? '', bodyOf(request)));
  }

  async #deleteTrigger(names: readonly string[], request: ApiRequest): Promise<ApiResponse> {
    this.#checkTriggerMatch(names, request);
    await this.#parts.triggers.delete(this.#function(names), names[2] ?? '');
    return { status: 204 };
  }

  #checkTriggerMatch(names: readonly string[], request: ApiRequest): void {
    checkHeader(request);
    checkMatch(request, this.#parts.triggers.get(this.#function(names), names[2] ?? ''));
  }

  /** Throws `CloudError` `ServiceNotFound`. */
  #service(service: string): string {
    return this.#parts.services.find(unqualified(service)).serviceName;
  }

  #function([service = '', name = '']: readonly string[]): ServiceFunction {
    return this.#parts.functions.find(this.#service(service), name);
  }
}

const functionsPath = /^\/services\/([^/]+)\/functions$/;
const triggerPath = functionPath('/triggers/([^/]+)');

function functionPath(rest = ''): RegExp {
  return new RegExp(`^/services/([^/]+)/functions/([^/]+)${rest}$`);
}

/** Without the version: there is only LATEST here. */
function unqualified(service: string): string {
  const [name = '', qualifier = 'LATEST'] = service.split('.');
  if (qualifier === 'LATEST') return name;
  throw new CloudError(404, 'VersionNotFound', `version '${qualifier}' of service '${name}' does not exist`);
}

/** API 2016-08-15 knows the type only for those who ask for it: https://github.com/devsapp/fc-deploy */
function checkHeader(request: ApiRequest): void {
  if (header(request, 'x-fc-enable-eventbridge-trigger') !== 'enable') {
    throw invalid("trigger type 'eventbridge' needs the header x-fc-enable-eventbridge-trigger: enable");
  }
}
