/** A line of a function's output. */
export interface FunctionLogLine {
  /** When it was written, in ms since 1970. */
  readonly time: number;
  readonly requestId: string;
  readonly instanceId: string;
  readonly line: string;
}

/** A function as it is to be run; the names are those of the API. */
interface FunctionDeployment {
  readonly serviceName: string;
  readonly functionName: string;
  readonly runtime: string;
  /** `file.export`, as those of the hooks are; timeouts in seconds. */
  readonly handler: string;
  readonly initializer: { readonly handler: string; readonly timeout: number } | undefined;
  readonly preStop: { readonly handler: string; readonly timeout: number } | undefined;
  /** Folder with the unpacked code. */
  readonly codePath: string;
  readonly environmentVariables: { readonly [name: string]: string };
  /** How long an invocation may take, in seconds. */
  readonly timeout: number;
  /** The memory of an instance, in MB. */
  readonly memorySize: number;
  readonly logProject: string;
  readonly logStore: string;
  readonly onLog: (line: FunctionLogLine) => void;
}

/** A function's answer; one that failed has the value of `X-Fc-Error-Type`. */
export interface InvocationResponse {
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
  readonly functionError?: string;
}

/** A function that can be called; instances come and go behind it. */
export interface DeployedFunction {
  /** Throws `CloudError` for what never reached the function. */
  invoke(event: Buffer, options: { readonly requestId: string; readonly logTail: boolean }): Promise<InvocationResponse>;
  stop(): Promise<void>;
}

/** Whoever runs functions. */
export type FunctionRuntime = (deployment: FunctionDeployment) => DeployedFunction;
