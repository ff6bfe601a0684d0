import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, isObject, type JsonObject, objectAt, textAt } from '../http.ts';
import { bodyOf, integerAt, invalid } from './resource.ts';

/** What is said of a function in the same words in both generations. */
export interface FunctionSettings {
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  /** How long an invocation may take, in seconds. */
  readonly timeout: number;
  /** The memory of an instance, in MB. */
  readonly memorySize: number;
  readonly environmentVariables: { readonly [name: string]: string };
}

/** Built-in Node runtimes: https://www.alibabacloud.com/help/en/functioncompute/fc/runtime-overview-3 */
const runtimes = ['nodejs12', 'nodejs14', 'nodejs16', 'nodejs18', 'nodejs20'];
const environmentBytes = 4096;
const reserved = ['accessKeyID', 'accessKeySecret', 'securityToken', 'topic'];
const hookForm = /^[^\s.]+\.\w+$/;
const codeBodyBytes = 100 * 1024 * 1024;

/** A function of which nothing has been said. */
export const noSettings: FunctionSettings = {
  description: '',
  runtime: '',
  handler: '',
  timeout: 3,
  memorySize: 128,
  environmentVariables: {},
};

/** The settings that the request gives, the others as they were; throws `CloudError`. */
export function settingsOf(body: JsonObject, base: FunctionSettings): FunctionSettings {
  return {
    description: textAt(body, 'description') ?? base.description,
    runtime: checkedRuntime(body.runtime ?? base.runtime),
    handler: checkedHook(body.handler ?? base.handler, 'handler'),
    timeout: integerAt(body, 'timeout', base.timeout, 1, 86_400),
    memorySize: checkedMemory(body, base.memorySize),
    environmentVariables: checkedEnvironment(body.environmentVariables ?? base.environmentVariables),
  };
}

/** Throws `CloudError` for what is not `<file>.<function>`. */
export function checkedHook(value: unknown, field: string): string {
  if (typeof value === 'string' && hookForm.test(value)) return value;
  throw invalid(`${field} ${JSON.stringify(value)} is not <file>.<function>`);
}

/** `longest`: how long each hook that there is may take, in seconds; throws `CloudError`. */
export function checkedLifecycle(body: JsonObject, otherwise: JsonObject, longest: { readonly [hook: string]: number }): JsonObject {
  if (body.instanceLifecycleConfig === undefined) return otherwise;
  const config = objectAt(body, 'instanceLifecycleConfig');
  for (const [name, most] of Object.entries(longest)) {
    if (config[name] === undefined) continue;
    const hook = objectAt(config, name);
    checkedHook(hook.handler, `${name}.handler`);
    integerAt(hook, 'timeout', 3, 1, most);
  }
  return config;
}

/** https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
export function checkCodeSize(request: ApiRequest): void {
  if (objectAt(bodyOf(request), 'code').zipFile === undefined || request.body.length < codeBodyBytes) return;
  throw new CloudError(400, 'EntityTooLarge', `payload size exceeds maximum allowed size (${codeBodyBytes} bytes)`);
}

function checkedRuntime(value: unknown): string {
  if (typeof value === 'string' && runtimes.includes(value)) return value;
  throw invalid(`runtime ${JSON.stringify(value)} is not supported, the supported ones here are ${runtimes.join(', ')}`);
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
