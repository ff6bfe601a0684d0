import type { Fault } from './classify.ts';
import { diagnose, isConfigured } from './diagnose.ts';
import type { TargetFault } from './error-reasons.ts';
import type { OpenVerdict, OperationOutcome } from './items.ts';
import type { Session } from './session.ts';

/** What can be done where an index is missing. */
export interface MissingIndexRecovery {
  /** Creates a vanished index again; resolves to why it cannot, or to undefined where it is there now. */
  readonly recreate: (index: string) => Promise<Fault | undefined>;
  /** Sends requests without `require_alias` and `require_data_stream` from now on, as a node or a pipeline demands. */
  readonly stopRequiring: () => void;
}

/** Looks up what items alone leave open, once an invocation for each index or name. */
export class OutcomeResolver {
  readonly #session: Session;
  readonly #recovery: MissingIndexRecovery;
  readonly #diagnoses = new Map<string, Promise<string | undefined>>();
  readonly #recreated = new Map<string, Promise<Fault | undefined>>();
  readonly #configured = new Map<string, Promise<boolean>>();

  constructor(session: Session, recovery: MissingIndexRecovery) {
    this.#session = session;
    this.#recovery = recovery;
  }

  /** The outcome of an operation on the index. */
  async resolve(verdict: OpenVerdict, index: string): Promise<OperationOutcome> {
    if (verdict.kind === 'unclear') {
      const reason = await once(this.#diagnoses, index, () => diagnose(this.#session, index));
      return reason === undefined ? { ...verdict, kind: 'rejected' } : { kind: 'fault', failure: 'IndexUnavailable', reason };
    }
    if (verdict.kind === 'target-fault') {
      return { kind: 'fault', failure: 'IndexUnavailable', reason: `${verdict.description}: ${await this.#describe(verdict.found)}` };
    }
    const { isRequired, missing = index } = verdict;
    return missing === index ? this.#recreate(index) : this.#resolveElsewhere(missing, isRequired);
  }

  async #recreate(index: string): Promise<OperationOutcome> {
    const fault = await once(this.#recreated, index, () => this.#recovery.recreate(index));
    return fault ? { kind: 'fault', ...fault } : { kind: 'retriable', reason: `${index} was missing` };
  }

  /** The outcome for a document that a pipeline sends to another index, which is missing, or not what was required. */
  async #resolveElsewhere(missing: string, isRequired: boolean): Promise<OperationOutcome> {
    if (isRequired) {
      this.#recovery.stopRequiring();
      return { kind: 'retriable', reason: 'a pipeline sends the document past its target' };
    }
    const means = 'a pipeline sends the document to the index $1, which does not exist';
    return { kind: 'fault', failure: 'IndexMissing', reason: await this.#describe({ means, name: missing }) };
  }

  /** A name that nobody has configured is not shown: a pipeline may have made it from a record. */
  async #describe({ means, name }: TargetFault): Promise<string> {
    if (name === undefined) return means;
    const isShown = await once(this.#configured, name, () => isConfigured(this.#session, name));
    return means.replace('$1', () => (isShown ? name : '(whose name is not shown, as it may come from a record)'));
  }
}

/** The value for a name, looked up when it is first needed. */
function once<Value>(lookups: Map<string, Promise<Value>>, name: string, lookUp: () => Promise<Value>): Promise<Value> {
  const found = lookups.get(name) ?? lookUp();
  lookups.set(name, found);
  return found;
}
