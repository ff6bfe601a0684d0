import type { FunctionConfig } from './function-config.ts';

/** Temporary keys of the service's role; these open nothing. */
const credentials = { accessKeyId: 'STS.local', accessKeySecret: 'local', securityToken: 'local' } as const;

/** All variables that an instance sees, nothing of this machine's: https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables */
export function instanceEnvironment(config: FunctionConfig, instanceId: string): { readonly [name: string]: string } {
  const { accountId, codePath, environmentVariables, functionName, handler, memorySize, region, serviceName } = config;
  return {
    ...environmentVariables,
    ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: credentials.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: credentials.securityToken,
    FC_ACCOUNT_ID: accountId,
    FC_FUNC_CODE_PATH: codePath,
    FC_FUNCTION_HANDLER: handler,
    FC_FUNCTION_MEMORY_SIZE: String(memorySize),
    FC_FUNCTION_NAME: functionName,
    FC_INSTANCE_ID: instanceId,
    FC_REGION: region,
    ...(config.generation === '2.0' && { FC_SERVICE_NAME: serviceName, FC_QUALIFIER: 'LATEST' }),
  };
}

/** The context without its logger: https://www.alibabacloud.com/help/zh/fc/context-3, of 3.0 https://help.aliyun.com/en/functioncompute/context-1-1 */
export function invocationContext(
  config: FunctionConfig,
  requestId: string,
): { readonly requestId: string; readonly [name: string]: unknown } {
  const { accountId, functionName, generation, handler, memorySize, region, serviceName, timeout } = config;
  const service = { logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' };
  const context = { requestId, credentials, function: { name: functionName, handler, memory: memorySize, timeout }, region, accountId };
  if (generation === '3.0') return { ...context, service };
  return { ...context, service: { name: serviceName, ...service }, tracing: { spanContext: '', jaegerEndpoint: '', spanBaggages: {} } };
}
