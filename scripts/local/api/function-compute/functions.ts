import { type JsonObject, objectAt } from '../http.ts';
import type { State } from '../state.ts';
import type { LogConfig, VpcConfig } from './attachments.ts';
import { CodeStore } from './code.ts';
import type { FunctionSettings } from './settings.ts';

/** What a function is in either generation; its code is a folder beside the state. */
interface AnyFunction extends FunctionSettings {
  /** How all else here names it, and 3.0 lists it: `<function>`, or `<service>$<function>` of 2.0. */
  readonly id: string;
  readonly functionName: string;
  readonly functionId: string;
  readonly instanceConcurrency: number;
  readonly instanceLifecycleConfig: JsonObject;
  /** The size of the archive, in bytes. */
  readonly codeSize: number;
  readonly codeChecksum: string;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** A function of 2.0, whose service says where it logs, what it reaches and in whose name. */
export interface ServiceFunction extends AnyFunction {
  readonly generation: '2.0';
  readonly serviceName: string;
  readonly initializer: string;
  /** How long the initializer may take, in seconds. */
  readonly initializationTimeout: number;
}

/** A label of a function of 3.0, with the names that the API gives it. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A function of 3.0, which has for itself what a service has in 2.0. */
export interface StandaloneFunction extends AnyFunction {
  readonly generation: '3.0';
  readonly role: string;
  readonly internetAccess: boolean;
  readonly logConfig: LogConfig;
  readonly vpcConfig: VpcConfig;
  readonly tags: readonly Tag[];
  /** vCPUs; undefined: as the memory has it. */
  readonly cpu?: number;
  /** MB */
  readonly diskSize: number;
}

/** A function of either generation. */
export type FunctionRow = ServiceFunction | StandaloneFunction;

/** The functions of both generations, which share one region. */
export class Functions {
  readonly code: CodeStore;
  readonly #rows;

  constructor(state: State) {
    this.code = new CodeStore(state.folder);
    this.#rows = state.table<FunctionRow>('fc-functions');
  }

  get(id: string): FunctionRow | undefined {
    return this.#rows.get(id);
  }

  values(): FunctionRow[] {
    return this.#rows.values();
  }

  /** Keeps the function, with new code when the request gives some; throws `CloudError` for code that is none. */
  put<Row extends FunctionRow>(row: Row, body: JsonObject): Row {
    const complete = body.code === undefined ? row : { ...row, ...this.code.put(row.id, objectAt(body, 'code')) };
    this.#rows.set(row.id, complete);
    return complete;
  }

  remove(id: string): void {
    this.#rows.delete(id);
    this.code.remove(id);
  }
}
