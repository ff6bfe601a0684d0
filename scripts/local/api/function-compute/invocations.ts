import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, header, type JsonObject, objectAt, textAt } from '../http.ts';
import type { LogService } from '../log-service/log-service.ts';
import type { LogRow } from '../log-service/query.ts';
import type { LogConfig } from './attachments.ts';
import type { FunctionRow, Functions } from './functions.ts';
import { invalid } from './resource.ts';
import type { DeployedFunction, FunctionHook, FunctionLogLine, FunctionRuntime, InvocationResponse } from './runtime.ts';

/** What invocations need of the rest. */
export interface InvocationDependencies {
  readonly functions: Functions;
  /** Where a function logs. */
  readonly logConfigOf: (row: FunctionRow) => LogConfig;
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
  async respond({ id }: FunctionRow, request: ApiRequest, requestId: string): Promise<ApiResponse> {
    const type = header(request, 'x-fc-invocation-type') || 'Sync';
    if (type !== 'Sync' && type !== 'Async') throw invalid(`x-fc-invocation-type '${type}' must be Sync or Async`);
    if (request.body.length > payloadBytes[type]) {
      throw new CloudError(400, 'EntityTooLarge', `payload size exceeds maximum allowed size (${payloadBytes[type]} bytes)`);
    }
    if (type === 'Async') return this.#queue(id, request.body, requestId);
    const logTail = header(request, 'x-fc-log-type') === 'Tail';
    const { headers, body, functionError } = await this.invoke(id, request.body, { requestId, logTail });
    const errorType = functionError === undefined ? {} : { 'x-fc-error-type': functionError };
    return { status: 200, headers: { ...headers, ...errorType }, body };
  }

  /** Throws `CloudError` for what never reached the function. */
  async invoke(id: string, event: Buffer, options: { requestId: string; logTail: boolean }): Promise<InvocationResponse> {
    const deployed = this.#deployed.get(id) ?? this.#deploy(this.#find(id));
    this.#deployed.set(id, deployed);
    return deployed.invoke(event, options);
  }

  /** Ends the instances of what was updated or deleted; the next invocation takes the new code. */
  async retire(id: string): Promise<void> {
    const deployed = this.#deployed.get(id);
    this.#deployed.delete(id);
    await deployed?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#background);
    await Promise.all([...this.#deployed.keys()].map((id) => this.retire(id)));
  }

  #find(id: string): FunctionRow {
    const row = this.#dependencies.functions.get(id);
    if (row) return row;
    throw new CloudError(404, 'FunctionNotFound', `function '${id}' does not exist`);
  }

  #queue(id: string, event: Buffer, requestId: string): ApiResponse {
    const run = this.#deliver(id, event, requestId).finally(() => this.#background.delete(run));
    this.#background.add(run);
    return { status: 202 };
  }

  /** One that fails is tried three times more: https://alibabacloud.com/help/en/functioncompute/fc-2-0/user-guide/error-handling */
  async #deliver(id: string, event: Buffer, requestId: string): Promise<void> {
    for (let attempt = 0; attempt <= asyncRetries; attempt += 1) {
      const invocation = await this.invoke(id, event, { requestId, logTail: false }).catch(() => undefined);
      if (invocation && invocation.functionError === undefined) return;
    }
  }

  #deploy(row: FunctionRow): DeployedFunction {
    const { functions, logConfigOf, runtime } = this.#dependencies;
    const { project, logstore } = logConfigOf(row);
    return runtime({
      generation: row.generation,
      ...(row.generation === '2.0' && { serviceName: row.serviceName }),
      functionName: row.functionName,
      runtime: row.runtime,
      handler: row.handler,
      initializer: initializerOf(row),
      preStop: hookAt(row.instanceLifecycleConfig, 'preStop'),
      codePath: functions.code.pathOf(row.id, row.codeChecksum),
      environmentVariables: row.environmentVariables,
      timeout: row.timeout,
      memorySize: row.memorySize,
      logProject: project,
      logStore: logstore,
      onLog: (line) => this.#log(row, line),
    });
  }

  /** A function that has gone meanwhile logs no more. */
  #log({ id }: FunctionRow, line: FunctionLogLine): void {
    const { functions, logConfigOf, logs } = this.#dependencies;
    const row = functions.get(id);
    if (!row) return;
    const { project, logstore } = logConfigOf(row);
    logs.put(project, logstore, [logRow(row, line)]);
  }
}

/** The request id is no field of its own: https://www.alibabacloud.com/help/doc-detail/171396.htm, of 3.0 https://help.aliyun.com/en/functioncompute/fc/print-function-logs */
function logRow(row: FunctionRow, { time, instanceId, line }: FunctionLogLine): LogRow {
  const { functionName } = row;
  const contents = { functionName, qualifier: 'LATEST', versionId: '', instanceID: instanceId, message: line };
  const common = { time: Math.floor(time / 1000), source: '' };
  if (row.generation === '3.0') return { ...common, topic: `FCLogs:${functionName}`, contents };
  return { ...common, topic: row.serviceName, contents: { ...contents, serviceName: row.serviceName } };
}

const defaultHookTimeoutSeconds = 3;

function initializerOf(row: FunctionRow): FunctionHook | undefined {
  if (row.generation === '3.0') return hookAt(row.instanceLifecycleConfig, 'initializer');
  return row.initializer ? { handler: row.initializer, timeout: row.initializationTimeout } : undefined;
}

function hookAt(lifecycle: JsonObject, name: string): FunctionHook | undefined {
  const hook = objectAt(lifecycle, name);
  const handler = textAt(hook, 'handler');
  return handler === undefined ? undefined : { handler, timeout: Number(hook.timeout ?? defaultHookTimeoutSeconds) };
}
