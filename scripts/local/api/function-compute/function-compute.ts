import { CloudError } from '../../cloud-error.ts';
import type { Account } from '../account.ts';
import { type ApiRequest, type ApiResponse, objectAt } from '../http.ts';
import type { FunctionComputeOperations } from '../protocols/function-compute.ts';
import type { Operation } from '../protocols/protocol.ts';
import type { Functions } from './functions.ts';
import type { Invocations } from './invocations.ts';
import { bodyOf } from './resource.ts';
import type { Services } from './services.ts';
import type { Triggers } from './triggers.ts';

interface Parts {
  readonly account: Account;
  readonly services: Services;
  readonly functions: Functions;
  readonly triggers: Triggers;
  readonly invocations: Invocations;
}

type Handler = (names: readonly string[], request: ApiRequest, requestId: string) => ApiResponse | Promise<ApiResponse>;

const codeBodyBytes = 100 * 1024 * 1024;

/** Function Compute 2.0, API 2016-08-15: https://github.com/aliyun/fc-nodejs-sdk/blob/master/lib/client.js */
export class FunctionCompute implements FunctionComputeOperations {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `CloudError` for a path that is none of the API's, and when what the path names is not there. */
  resolve(request: ApiRequest, requestId: string): Operation {
    const path = decodeURIComponent(request.path).replace(/^\/2016-08-15/, '');
    for (const [method, form, action, handler] of this.#routes) {
      const names = request.method === method ? form.exec(path) : null;
      if (names) return { product: 'fc', action, run: () => handler(names.slice(1), request, requestId) };
    }
    throw new CloudError(400, 'PathNotSupported', `'${request.method}' against '${request.path}' is not supported`);
  }

  readonly #routes: readonly (readonly [string, RegExp, string, Handler])[] = [
    ['GET', /^\/account-settings$/, 'GetAccountSettings', () => this.#accountSettings()],
    ['POST', /^\/services$/, 'CreateService', (_names, request) => this.#parts.services.create(request)],
    ['GET', /^\/services$/, 'ListServices', (_names, { query }) => this.#parts.services.list(query)],
    ['GET', /^\/services\/([^/]+)$/, 'GetService', ([service = '']) => this.#parts.services.get(unqualified(service))],
    ['PUT', /^\/services\/([^/]+)$/, 'UpdateService', ([service = ''], request) => this.#updateService(service, request)],
    ['DELETE', /^\/services\/([^/]+)$/, 'DeleteService', ([service = ''], request) => this.#deleteService(service, request)],
    ['POST', /^\/services\/([^/]+)\/functions$/, 'CreateFunction', ([service = ''], request) => this.#createFunction(service, request)],
    ['GET', /^\/services\/([^/]+)\/functions$/, 'ListFunctions', ([service = ''], { query }) => this.#listFunctions(service, query)],
    ['GET', functionPath(), 'GetFunction', ([service = '', name = '']) => this.#parts.functions.get(this.#service(service), name)],
    ['PUT', functionPath(), 'UpdateFunction', ([service = '', name = ''], request) => this.#updateFunction(service, name, request)],
    ['DELETE', functionPath(), 'DeleteFunction', ([service = '', name = ''], request) => this.#deleteFunction(service, name, request)],
    ['GET', functionPath('/code'), 'GetFunctionCode', ([service = '', name = '']) => this.#functionCode(service, name)],
    [
      'POST',
      functionPath('/invocations'),
      'InvokeFunction',
      ([service = '', name = ''], request, id) => this.#invoke(service, name, request, id),
    ],
    ['POST', functionPath('/triggers'), 'CreateTrigger', (names, request) => this.#parts.triggers.create(this.#function(names), request)],
    ['GET', functionPath('/triggers'), 'ListTriggers', (names, request) => this.#parts.triggers.list(this.#function(names), request)],
    ['GET', triggerPath, 'GetTrigger', (names, request) => this.#parts.triggers.get(this.#function(names), names[2] ?? '', request)],
    ['PUT', triggerPath, 'UpdateTrigger', (names, request) => this.#parts.triggers.update(this.#function(names), names[2] ?? '', request)],
    [
      'DELETE',
      triggerPath,
      'DeleteTrigger',
      (names, request) => this.#parts.triggers.delete(this.#function(names), names[2] ?? '', request),
    ],
  ];

  #accountSettings(): ApiResponse {
    const { functionComputeZones, accountId } = this.#parts.account;
    const defaultRole = `acs:ram::${accountId}:role/aliyunfcdefaultrole`;
    return { status: 200, body: { availableAZs: functionComputeZones, defaultRole } };
  }

  async #updateService(serviceName: string, request: ApiRequest): Promise<ApiResponse> {
    const response = this.#parts.services.update(serviceName, request);
    await this.#parts.invocations.retire(serviceName);
    return response;
  }

  #deleteService(serviceName: string, request: ApiRequest): ApiResponse {
    return this.#parts.services.delete(serviceName, request, this.#parts.functions.of(serviceName).length);
  }

  #createFunction(service: string, request: ApiRequest): ApiResponse {
    checkCodeSize(request);
    return this.#parts.functions.create(this.#service(service), request);
  }

  #listFunctions(service: string, query: URLSearchParams): ApiResponse {
    return this.#parts.functions.list(this.#service(service), query);
  }

  async #updateFunction(service: string, name: string, request: ApiRequest): Promise<ApiResponse> {
    checkCodeSize(request);
    const response = this.#parts.functions.update(this.#service(service), name, request);
    await this.#parts.invocations.retire(service, name);
    return response;
  }

  async #deleteFunction(service: string, name: string, request: ApiRequest): Promise<ApiResponse> {
    const serviceName = this.#service(service);
    const response = this.#parts.functions.delete(serviceName, name, request, this.#parts.triggers.of(serviceName, name).length);
    await this.#parts.invocations.retire(serviceName, name);
    return response;
  }

  #functionCode(service: string, name: string): ApiResponse {
    const { serviceName, functionName, codeChecksum } = this.#parts.functions.find(this.#service(service), name);
    const archive = this.#parts.functions.code.archive(serviceName, functionName, codeChecksum);
    // The cloud gives an address in OSS; the archive itself stands in it here.
    return { status: 200, body: { url: `data:application/zip;base64,${archive.toString('base64')}`, checksum: codeChecksum } };
  }

  #invoke(service: string, name: string, request: ApiRequest, requestId: string): Promise<ApiResponse> {
    return this.#parts.invocations.respond(this.#service(service), name, request, requestId);
  }

  /** Throws `CloudError` `ServiceNotFound`. */
  #service(service: string): string {
    return this.#parts.services.find(unqualified(service)).serviceName;
  }

  #function([service = '', name = '']: readonly string[]): ReturnType<Functions['find']> {
    return this.#parts.functions.find(this.#service(service), name);
  }
}

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

/** https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
function checkCodeSize(request: ApiRequest): void {
  if (objectAt(bodyOf(request), 'code').zipFile === undefined || request.body.length < codeBodyBytes) return;
  throw new CloudError(400, 'EntityTooLarge', `payload size exceeds maximum allowed size (${codeBodyBytes} bytes)`);
}
