import type { Generation } from '../generation.ts';

/** A line of a function's output. */
export interface FunctionLogLine {
  /** When it was written, in ms since 1970. */
  readonly time: number;
  readonly requestId: string;
  readonly instanceId: string;
  readonly line: string;
}

/** A function that is called at one point of an instance's life. */
export interface FunctionHook {
  /** `file.export` */
  readonly handler: string;
  /** How long it may take, in seconds. */
  readonly timeout: number;
}

/** A function as it is to be run; the names are those of the API. */
interface FunctionDeployment {
  readonly generation: Generation;
  /** The service's name, which only 2.0 has. */
  readonly serviceName?: string;
  readonly functionName: string;
  readonly runtime: string;
  /** `file.export` */
  readonly handler: string;
  readonly initializer: FunctionHook | undefined;
  readonly preStop: FunctionHook | undefined;
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
