import type { Machine } from './machine.ts';
import type { ClientResult } from './sections/client.ts';
import type { FunctionResult } from './sections/function.ts';
import type { PeersResult } from './sections/peers.ts';

/** The figures of a run, section by section. */
export interface Results {
  readonly machine: Machine;
  /** undefined: not measured. */
  readonly function: Measured<FunctionResult> | undefined;
  readonly client: Measured<ClientResult> | undefined;
  readonly peers: Measured<PeersResult> | undefined;
}

export interface Measured<Result> {
  /** ISO 8601, without time. */
  readonly date: string;
  /** What was typed. */
  readonly command: string;
  readonly result: Result;
}
