import { diagnose, isConfigured } from './diagnose.ts';
import type { Fate, OpenVerdict } from './items.ts';
import type { TargetFaultFound } from './reasons.ts';
import type { Session } from './session.ts';
import type { Obstacle } from './target.ts';

/** What can be done for an index that is missing. */
export interface Restoring {
  /** Makes a vanished index again; resolves to why it is not to be, or to undefined where it is there now. */
  readonly restore: (index: string) => Promise<Obstacle | undefined>;
  /** Documents that a node, or a pipeline, keeps from an alias are sent without naming it one. */
  readonly giveUpAliases: () => void;
}

/** Clears up what items alone do not tell, once an invocation for each index or name. */
export class Lookups {
  readonly #session: Session;
  readonly #restoring: Restoring;
  readonly #diagnoses = new Map<string, Promise<string | undefined>>();
  readonly #restored = new Map<string, Promise<Obstacle | undefined>>();
  readonly #configured = new Map<string, Promise<boolean>>();

  constructor(session: Session, restoring: Restoring) {
    this.#session = session;
    this.#restoring = restoring;
  }

  /** What became of an operation on the index. */
  async fateOf(verdict: OpenVerdict, index: string): Promise<Fate> {
    if (verdict.kind === 'unclear') {
      const reason = await once(this.#diagnoses, index, () => diagnose(this.#session, index));
      return reason === undefined ? { ...verdict, kind: 'rejected' } : { kind: 'fault', failure: 'IndexUnavailable', reason };
    }
    if (verdict.kind === 'target-fault') {
      return { kind: 'fault', failure: 'IndexUnavailable', reason: `${verdict.described}: ${await this.#describe(verdict.found)}` };
    }
    const { isAlias, missing = index } = verdict;
    return missing === index ? this.#restore(index) : this.#fateElsewhere(missing, isAlias);
  }

  async #restore(index: string): Promise<Fate> {
    const obstacle = await once(this.#restored, index, () => this.#restoring.restore(index));
    return obstacle ? { kind: 'fault', ...obstacle } : { kind: 'retriable', reason: `${index} was missing` };
  }

  /** Of a document that a pipeline sends to an index that is missing, or is only no alias. */
  async #fateElsewhere(missing: string, isAlias: boolean): Promise<Fate> {
    if (isAlias) {
      this.#restoring.giveUpAliases();
      return { kind: 'retriable', reason: 'a pipeline sends the document past its alias' };
    }
    const means = 'a pipeline sends the document to the index $1, which does not exist';
    return { kind: 'fault', failure: 'IndexMissing', reason: await this.#describe({ means, name: missing }) };
  }

  /** A name that nobody has configured is not shown: a pipeline may have made it from a record. */
  async #describe({ means, name }: TargetFaultFound): Promise<string> {
    if (name === undefined) return means;
    const isShown = await once(this.#configured, name, () => isConfigured(this.#session, name));
    return means.replace('$1', () => (isShown ? name : '(whose name is not shown, as it may come from a record)'));
  }
}

/** The answer for a name, asked for when it is first needed. */
function once<Value>(answers: Map<string, Promise<Value>>, name: string, ask: () => Promise<Value>): Promise<Value> {
  const answer = answers.get(name) ?? ask();
  answers.set(name, answer);
  return answer;
}
