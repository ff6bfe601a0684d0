import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, isObject, type JsonObject, objectAt, textAt } from '../http.ts';
import type { State } from '../state.ts';
import { CodeStore } from './code.ts';
import { bodyOf, checkedName, checkMatch, integerAt, invalid, listed, tagged } from './resource.ts';

/** A function; its code is a folder beside the state. */
export interface FunctionRow {
  readonly serviceName: string;
  readonly functionName: string;
  readonly functionId: string;
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  readonly initializer: string;
  /** How long the initializer may take, in seconds. */
  readonly initializationTimeout: number;
  readonly instanceLifecycleConfig: JsonObject;
  /** How long an invocation may take, in seconds. */
  readonly timeout: number;
  /** The memory of an instance, in MB. */
  readonly memorySize: number;
  readonly instanceConcurrency: number;
  readonly environmentVariables: { readonly [name: string]: string };
  /** The size of the archive, in bytes. */
  readonly codeSize: number;
  readonly codeChecksum: string;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** Built-in Node runtimes: https://alibabacloud.com/help/en/functioncompute/fc-2-0/user-guide/overview-of-runtimes */
const runtimes = ['nodejs12', 'nodejs14', 'nodejs16', 'nodejs18', 'nodejs20'];
const functionsPerService = 50;
const environmentBytes = 4096;
const reserved = ['accessKeyID', 'accessKeySecret', 'securityToken', 'topic'];
const hookForm = /^[^\s.]+\.\w+$/;

/** Functions of Function Compute 2.0, limits: https://alibabacloud.com/help/en/functioncompute/fc-2-0/product-overview/limits */
export class Functions {
  readonly code: CodeStore;
  readonly #now: () => number;
  readonly #rows;

  constructor(state: State, now: () => number) {
    this.code = new CodeStore(state.folder);
    this.#now = now;
    this.#rows = state.table<FunctionRow>('fc-functions');
  }

  of(serviceName: string): FunctionRow[] {
    return this.#rows.values().filter((row) => row.serviceName === serviceName);
  }

  /** Throws `CloudError` `FunctionNotFound`. */
  /** `<service>/<function>` of each. */
  names(): string[] {
    return this.#rows.values().map(({ serviceName, functionName }) => `${serviceName}/${functionName}`);
  }

  find(serviceName: string, functionName: string): FunctionRow {
    const row = this.#rows.get(`${serviceName}/${functionName}`);
    if (row) return row;
    throw new CloudError(404, 'FunctionNotFound', `function '${functionName}' does not exist in service '${serviceName}'`);
  }

  create(serviceName: string, request: ApiRequest): ApiResponse {
    const body = bodyOf(request);
    const functionName = checkedName(body.functionName, 'functionName', 64);
    if (this.#rows.get(`${serviceName}/${functionName}`)) {
      throw new CloudError(409, 'FunctionAlreadyExists', `function '${functionName}' already exists in service '${serviceName}'`);
    }
    if (this.of(serviceName).length >= functionsPerService)
      throw invalid(`service '${serviceName}' has ${functionsPerService} functions, which is the limit`);
    if (body.code === undefined) throw invalid('code is required');
    const createdTime = new Date(this.#now()).toISOString();
    const times = { createdTime, lastModifiedTime: createdTime };
    return this.#put({ ...noFunction, serviceName, functionName, functionId: randomUUID(), ...times }, body);
  }

  update(serviceName: string, functionName: string, request: ApiRequest): ApiResponse {
    const row = this.find(serviceName, functionName);
    checkMatch(request, row);
    return this.#put({ ...row, lastModifiedTime: new Date(this.#now()).toISOString() }, bodyOf(request));
  }

  get(serviceName: string, functionName: string): ApiResponse {
    return tagged(this.find(serviceName, functionName));
  }

  list(serviceName: string, query: URLSearchParams): ApiResponse {
    const { rows, ...next } = listed(this.of(serviceName), (row) => row.functionName, query);
    return { status: 200, body: { functions: rows, ...next } };
  }

  /** `triggers`: how many it has; a function with triggers stays. */
  delete(serviceName: string, functionName: string, request: ApiRequest, triggers: number): ApiResponse {
    checkMatch(request, this.find(serviceName, functionName));
    if (triggers > 0) throw new CloudError(409, 'FunctionNotEmpty', `function '${functionName}' has active triggers`);
    this.#rows.delete(`${serviceName}/${functionName}`);
    this.code.remove(serviceName, functionName);
    return { status: 204 };
  }

  #put(base: FunctionRow, body: JsonObject): ApiResponse {
    const requested: FunctionRow = {
      ...base,
      description: textAt(body, 'description') ?? base.description,
      runtime: checkedRuntime(body.runtime ?? base.runtime),
      handler: checkedHook(body.handler ?? base.handler, 'handler'),
      initializer: optionalHook(body.initializer ?? base.initializer, 'initializer'),
      initializationTimeout: integerAt(body, 'initializationTimeout', base.initializationTimeout, 1, 300),
      instanceLifecycleConfig: body.instanceLifecycleConfig === undefined ? base.instanceLifecycleConfig : checkedLifecycle(body),
      timeout: integerAt(body, 'timeout', base.timeout, 1, 86_400),
      memorySize: checkedMemory(body, base.memorySize),
      instanceConcurrency: integerAt(body, 'instanceConcurrency', base.instanceConcurrency, 1, 200),
      environmentVariables: checkedEnvironment(body.environmentVariables ?? base.environmentVariables),
    };
    const code = body.code === undefined ? {} : this.code.put(requested.serviceName, requested.functionName, objectAt(body, 'code'));
    const row = { ...requested, ...code };
    this.#rows.set(`${row.serviceName}/${row.functionName}`, row);
    return tagged(row);
  }
}

function checkedRuntime(value: unknown): string {
  if (typeof value === 'string' && runtimes.includes(value)) return value;
  throw invalid(`runtime '${String(value)}' is not supported, the supported ones here are ${runtimes.join(', ')}`);
}

function checkedHook(value: unknown, field: string): string {
  if (typeof value === 'string' && hookForm.test(value)) return value;
  throw invalid(`${field} '${String(value)}' is not <file>.<function>`);
}

function optionalHook(value: unknown, field: string): string {
  return value === '' ? '' : checkedHook(value, field);
}

function checkedLifecycle(body: JsonObject): JsonObject {
  const config = objectAt(body, 'instanceLifecycleConfig');
  for (const [name, most] of [
    ['preFreeze', 90],
    ['preStop', 90],
  ] as const) {
    if (config[name] === undefined) continue;
    const hook = objectAt(config, name);
    checkedHook(hook.handler, `${name}.handler`);
    integerAt(hook, 'timeout', 3, 1, most);
  }
  return config;
}

function checkedMemory(body: JsonObject, otherwise: number): number {
  const memorySize = integerAt(body, 'memorySize', otherwise, 128, 32_768);
  if (memorySize % 64 === 0) return memorySize;
  throw invalid(`memorySize ${memorySize} is not a multiple of 64`);
}

/** https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables */
function checkedEnvironment(value: unknown): { readonly [name: string]: string } {
  if (!isObject(value)) throw invalid('environmentVariables is not an object');
  const entries = Object.entries(value).map(([name, text]): [string, string] => [name, checkedVariable(name, text)]);
  const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(entries)));
  if (bytes > environmentBytes) throw invalid(`environmentVariables have ${bytes} bytes, the limit is ${environmentBytes}`);
  return Object.fromEntries(entries);
}

function checkedVariable(name: string, value: unknown): string {
  if (!/^[A-Za-z]\w*$/.test(name)) throw invalid(`environment variable '${name}' must begin with a letter and have letters, digits and _`);
  if (name.startsWith('FC_') || reserved.includes(name)) throw invalid(`environment variable '${name}' is reserved`);
  if (typeof value !== 'string') throw invalid(`environment variable '${name}' is not a text`);
  return value;
}

const noFunction: FunctionRow = {
  serviceName: '',
  functionName: '',
  functionId: '',
  description: '',
  runtime: '',
  handler: '',
  initializer: '',
  initializationTimeout: 3,
  instanceLifecycleConfig: {},
  timeout: 3,
  memorySize: 128,
  instanceConcurrency: 1,
  environmentVariables: {},
  codeSize: 0,
  codeChecksum: '',
  createdTime: '',
  lastModifiedTime: '',
};
