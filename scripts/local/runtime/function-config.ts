import { CloudError } from '../cloud-error.ts';

/** A function as it is deployed; the names are those of Function Compute's API. */
export interface FunctionConfig {
  /** 2.0 has services, whose name and version a function can see; 3.0 has none. */
  readonly generation: '2.0' | '3.0';
  readonly accountId: string;
  readonly region: string;
  /** The service's name, which only 2.0 has. */
  readonly serviceName: string;
  readonly functionName: string;
  /** Folder with the unpacked code. */
  readonly codePath: string;
  /** `file.export`, as those of the hooks are. */
  readonly handler: string;
  readonly initializer?: Hook;
  readonly preStop?: Hook;
  readonly environmentVariables: { readonly [name: string]: string };
  /** How long an invocation may take, in seconds. */
  readonly timeout: number;
  /** The memory of an instance, in MB. */
  readonly memorySize: number;
}

/** A function that is called at one point of an instance's life: https://www.alibabacloud.com/help/en/functioncompute/fc/lifecycle-hooks-for-function-instances */
export interface Hook {
  readonly handler: string;
  /** How long it may take, in seconds. */
  readonly timeout: number;
}

/** The account of a local function, where the user has none. */
export const localAccount = { accountId: '1234567890123456', region: 'cn-hangzhou', serviceName: 'local' } as const;

const environmentLimit = 4096;
const reservedNames = new Set(['accessKeyID', 'accessKeySecret', 'securityToken', 'topic']);

/**
 * Throws `InvalidArgument` for what Function Compute refuses when a function is made. Sources:
 * https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage,
 * https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables
 */
export function checkFunction({ environmentVariables, initializer, memorySize, preStop, timeout }: FunctionConfig): void {
  checkRange('timeout', timeout, 1, 86_400, 's');
  if (initializer) checkRange('initializationTimeout', initializer.timeout, 1, 300, 's');
  if (preStop) checkRange('preStop timeout', preStop.timeout, 1, 90, 's');
  checkRange('memorySize', memorySize, 128, 32_768, 'MB');
  for (const name of Object.keys(environmentVariables)) checkName(name);
  const bytes = Object.entries(environmentVariables).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
  if (bytes > environmentLimit) throw invalid(`environmentVariables: ${bytes} bytes, of which ${environmentLimit} are allowed`);
}

function checkRange(name: string, value: number, least: number, most: number, unit: string): void {
  if (!Number.isInteger(value) || value < least || value > most) throw invalid(`${name}: ${value} is not from ${least} to ${most} ${unit}`);
}

function checkName(name: string): void {
  if (!/^[A-Za-z]\w*$/.test(name)) throw invalid(`environmentVariables: ${name} is not a letter followed by letters, digits and _`);
  if (name.startsWith('FC_') || reservedNames.has(name)) throw invalid(`environmentVariables: ${name} is reserved`);
}

function invalid(message: string): CloudError {
  return new CloudError(400, 'InvalidArgument', message);
}
