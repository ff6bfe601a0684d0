import { randomUUID } from 'node:crypto';
import { CloudError } from '../../../cloud-error.ts';
import type { ApiRequest, ApiResponse, JsonObject } from '../../http.ts';
import type { Functions, ServiceFunction } from '../functions.ts';
import { bodyOf, checkedName, checkMatch, integerAt, invalid, listed, tagged } from '../resource.ts';
import { checkCodeSize, checkedHook, checkedLifecycle, noSettings, settingsOf } from '../settings.ts';

const functionsPerService = 50;
const longestHooks = { preFreeze: 90, preStop: 90 };

/** Functions of Function Compute 2.0, limits: https://alibabacloud.com/help/en/functioncompute/fc-2-0/product-overview/limits */
export class ServiceFunctions {
  readonly #functions: Functions;
  readonly #now: () => number;

  constructor(functions: Functions, now: () => number) {
    this.#functions = functions;
    this.#now = now;
  }

  of(serviceName: string): ServiceFunction[] {
    return this.#functions.values().flatMap((row) => (row.generation === '2.0' && row.serviceName === serviceName ? [row] : []));
  }

  /** Throws `CloudError` `FunctionNotFound`. */
  find(serviceName: string, functionName: string): ServiceFunction {
    const row = this.#functions.get(idOf(serviceName, functionName));
    if (row?.generation === '2.0') return row;
    throw new CloudError(404, 'FunctionNotFound', `function '${functionName}' does not exist in service '${serviceName}'`);
  }

  create(serviceName: string, request: ApiRequest): ApiResponse {
    checkCodeSize(request);
    const body = bodyOf(request);
    const functionName = checkedName(body.functionName, 'functionName', 64);
    const id = idOf(serviceName, functionName);
    if (this.#functions.get(id)) {
      throw new CloudError(409, 'FunctionAlreadyExists', `function '${functionName}' already exists in service '${serviceName}'`);
    }
    if (this.of(serviceName).length >= functionsPerService)
      throw invalid(`service '${serviceName}' has ${functionsPerService} functions, which is the limit`);
    if (body.code === undefined) throw invalid('code is required');
    const createdTime = this.#time();
    const named = { id, serviceName, functionName, functionId: randomUUID(), createdTime, lastModifiedTime: createdTime };
    return this.#put({ ...noFunction, ...named }, body);
  }

  update(row: ServiceFunction, request: ApiRequest): ApiResponse {
    checkCodeSize(request);
    checkMatch(request, view(row));
    return this.#put({ ...row, lastModifiedTime: this.#time() }, bodyOf(request));
  }

  get(serviceName: string, functionName: string): ApiResponse {
    return tagged(view(this.find(serviceName, functionName)));
  }

  list(serviceName: string, query: URLSearchParams): ApiResponse {
    const { rows, ...next } = listed(this.of(serviceName), (row) => row.functionName, query);
    return { status: 200, body: { functions: rows.map(view), ...next } };
  }

  /** `triggers`: how many it has; a function with triggers stays. */
  delete(row: ServiceFunction, request: ApiRequest, triggers: number): ApiResponse {
    checkMatch(request, view(row));
    if (triggers > 0) throw new CloudError(409, 'FunctionNotEmpty', `function '${row.functionName}' has active triggers`);
    this.#functions.remove(row.id);
    return { status: 204 };
  }

  #put(base: ServiceFunction, body: JsonObject): ApiResponse {
    const requested: ServiceFunction = {
      ...base,
      ...settingsOf(body, base),
      initializer: optionalHook(body.initializer ?? base.initializer, 'initializer'),
      initializationTimeout: integerAt(body, 'initializationTimeout', base.initializationTimeout, 1, 300),
      instanceLifecycleConfig: checkedLifecycle(body, base.instanceLifecycleConfig, longestHooks),
      instanceConcurrency: integerAt(body, 'instanceConcurrency', base.instanceConcurrency, 1, 200),
    };
    return tagged(view(this.#functions.put(requested, body)));
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}

/** Both names are without `$`. */
function idOf(serviceName: string, functionName: string): string {
  return `${serviceName}$${functionName}`;
}

function view({ id: _id, generation: _generation, ...row }: ServiceFunction): object {
  return row;
}

function optionalHook(value: unknown, field: string): string {
  return value === '' ? '' : checkedHook(value, field);
}

const noFunction: ServiceFunction = {
  ...noSettings,
  generation: '2.0',
  id: '',
  serviceName: '',
  functionName: '',
  functionId: '',
  initializer: '',
  initializationTimeout: 3,
  instanceLifecycleConfig: {},
  instanceConcurrency: 1,
  codeSize: 0,
  codeChecksum: '',
  createdTime: '',
  lastModifiedTime: '',
};
