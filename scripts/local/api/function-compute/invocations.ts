import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, header, type JsonObject, objectAt, textAt } from '../http.ts';
import type { LogService } from '../log-service/log-service.ts';
import type { Functions } from './functions.ts';
import { invalid } from './resource.ts';
import type { DeployedFunction, FunctionLogLine, FunctionRuntime, InvocationResponse } from './runtime.ts';
import type { Services } from './services.ts';

/** What invocations need of the rest. */
export interface InvocationDependencies {
  readonly services: Services;
  readonly functions: Functions;
  readonly logs: LogService;
  readonly runtime: FunctionRuntime;
}

/** https://alibabacloud.com/help/en/functioncompute/fc-2-0/product-overview/limits */
const payloadBytes = { Sync: 32 * 1024 * 1024, Async: 128 * 1024 } as const;
const asyncRetries = 3;

/** Invocations, each by the function as it was last deployed: https://help.aliyun.com/zh/functioncompute/fc-2-0/developer-reference/api-invokefunction */
export class Invocations implements AsyncDisposable {
  readonly #dependencies: InvocationDependencies;
  readonly #deployed = new Map<string, DeployedFunction>();
  readonly #background = new Set<Promise<void>>();

  constructor(dependencies: InvocationDependencies) {
    this.#dependencies = dependencies;
  }

  /** Answers InvokeFunction; throws `CloudError`. */
  async respond(serviceName: string, functionName: string, request: ApiRequest, requestId: string): Promise<ApiResponse> {
    const type = header(request, 'x-fc-invocation-type') || 'Sync';
    if (type !== 'Sync' && type !== 'Async') throw invalid(`x-fc-invocation-type '${type}' must be Sync or Async`);
    if (request.body.length > payloadBytes[type]) {
      throw new CloudError(400, 'EntityTooLarge', `payload size exceeds maximum allowed size (${payloadBytes[type]} bytes)`);
    }
    this.#dependencies.functions.find(serviceName, functionName);
    if (type === 'Async') return this.#queue(serviceName, functionName, request.body, requestId);
    const logTail = header(request, 'x-fc-log-type') === 'Tail';
    const { headers, body, functionError } = await this.invoke(serviceName, functionName, request.body, { requestId, logTail });
    const errorType = functionError === undefined ? {} : { 'x-fc-error-type': functionError };
    return { status: 200, headers: { ...headers, ...errorType }, body };
  }

  /** Throws `CloudError` for what never reached the function. */
  async invoke(
    serviceName: string,
    functionName: string,
    event: Buffer,
    options: { requestId: string; logTail: boolean },
  ): Promise<InvocationResponse> {
    const key = `${serviceName}/${functionName}`;
    const deployed = this.#deployed.get(key) ?? this.#deploy(serviceName, functionName);
    this.#deployed.set(key, deployed);
    return deployed.invoke(event, options);
  }

  /** Ends the instances of what was updated or deleted; the next invocation takes the new code. */
  async retire(serviceName: string, functionName?: string): Promise<void> {
    const isMeant = (key: string) =>
      functionName === undefined ? key.startsWith(`${serviceName}/`) : key === `${serviceName}/${functionName}`;
    const keys = [...this.#deployed.keys()].filter(isMeant);
    await Promise.all(keys.map((key) => this.#end(key)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#background);
    await Promise.all([...this.#deployed.keys()].map((key) => this.#end(key)));
  }

  #queue(serviceName: string, functionName: string, event: Buffer, requestId: string): ApiResponse {
    const run = this.#deliver(serviceName, functionName, event, requestId).finally(() => this.#background.delete(run));
    this.#background.add(run);
    return { status: 202 };
  }

  /** One that fails is tried three times more: https://alibabacloud.com/help/en/functioncompute/fc-2-0/user-guide/error-handling */
  async #deliver(serviceName: string, functionName: string, event: Buffer, requestId: string): Promise<void> {
    for (let attempt = 0; attempt <= asyncRetries; attempt += 1) {
      const invocation = await this.invoke(serviceName, functionName, event, { requestId, logTail: false }).catch(() => undefined);
      if (invocation && invocation.functionError === undefined) return;
    }
  }

  #deploy(serviceName: string, functionName: string): DeployedFunction {
    const { services, functions, runtime } = this.#dependencies;
    const { logConfig } = services.find(serviceName);
    const row = functions.find(serviceName, functionName);
    return runtime({
      serviceName,
      functionName,
      runtime: row.runtime,
      handler: row.handler,
      initializer: row.initializer ? { handler: row.initializer, timeout: row.initializationTimeout } : undefined,
      preStop: preStopOf(row.instanceLifecycleConfig),
      codePath: functions.code.pathOf(serviceName, functionName, row.codeChecksum),
      environmentVariables: row.environmentVariables,
      timeout: row.timeout,
      memorySize: row.memorySize,
      logProject: logConfig.project,
      logStore: logConfig.logstore,
      onLog: (line) => this.#log(serviceName, functionName, line),
    });
  }

  /** The request id is no field of its own: https://www.alibabacloud.com/help/doc-detail/171396.htm */
  #log(serviceName: string, functionName: string, { time, instanceId, line }: FunctionLogLine): void {
    const { services, logs } = this.#dependencies;
    const { project, logstore } = services.find(serviceName).logConfig;
    const contents = { functionName, serviceName, qualifier: 'LATEST', versionId: '', instanceID: instanceId, message: line };
    logs.put(project, logstore, [{ time: Math.floor(time / 1000), topic: serviceName, source: '', contents }]);
  }

  async #end(key: string): Promise<void> {
    const deployed = this.#deployed.get(key);
    this.#deployed.delete(key);
    await deployed?.stop();
  }
}

const defaultPreStopTimeoutSeconds = 3;

function preStopOf(lifecycle: JsonObject): { readonly handler: string; readonly timeout: number } | undefined {
  const preStop = objectAt(lifecycle, 'preStop');
  const handler = textAt(preStop, 'handler');
  return handler === undefined ? undefined : { handler, timeout: Number(preStop.timeout ?? defaultPreStopTimeoutSeconds) };
}
