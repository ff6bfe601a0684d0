import type { Failure, FailureName } from '../../../shared/errors.ts';
import { isOwnError, isRetriable } from './classify.ts';
import type { Answer, Request } from './client.ts';
import { pipelinesIn } from './diagnose.ts';
import { errorOf, membersOf } from './json.ts';
import { ask, failureFrom, lookUp, type Patience, type Session } from './session.ts';
import type { Company } from './suspects.ts';
import { findTemplate } from './template.ts';

/**
 * What a name stands for; `unknown`: this account, or what stands before Elasticsearch, does not let it be seen; `unseen`: nobody has answered yet.
 */
type Kind = 'index' | 'alias' | 'data-stream' | 'unknown' | 'unseen';

/** What an instance knows of a name. */
interface Known {
  /** undefined: it does not exist. */
  kind: Kind | undefined;
  /** What it was when it last existed. */
  last: Kind | undefined;
  /** No ingest pipeline may send its documents elsewhere. */
  hasPipeline: boolean;
  /** In ms, by the clock of the invocations. */
  lookedAt: number;
  usedAt: number;
}

/** Why records cannot be sent to a name. */
export interface Obstacle {
  readonly failure: FailureName;
  readonly reason: string;
}

/** What became of making a name; `barred`: not allowed, or not let through; `not-yet`: a block, or a server that is not ready. */
type Creation = { readonly kind: 'made' } | { readonly kind: 'barred' | 'refused' | 'not-yet'; readonly reason: string };

/** How a request is sent, and how long it is tried. */
type Send = (request: Request) => Promise<Answer | undefined>;

/** A name may vanish while an instance lives. */
const lookAgainAfterMs = 30_000;
const forgottenAfterMs = 600_000;
/** The first look decides whether records go to an index with our mapping, so it is worth a wait; a later one is not. */
const firstLook: Patience = { tries: Number.POSITIVE_INFINITY, share: 0.5 };
const laterLook: Patience = { tries: 1, share: 0.25 };

/** The names that are written to: do they exist, and may they be made? Lives as long as the instance. */
export class Target {
  readonly #body: object;
  readonly #company: Company;
  readonly #names = new Map<string, Known>();
  #looking: Promise<unknown> = Promise.resolve();
  #hasWarned = false;
  /** A node did not know the parameter that keeps an alias from being made an index. */
  #isAliasUnknown = false;

  /** `body`: creates an index of which no template says how it is mapped. `company`: of what is written there. */
  constructor(body: object, company: Company) {
    this.#body = body;
    this.#company = company;
  }

  /** Looks again at the names that were not looked at for a while, beside other work. Resolves always; what it meets is thrown by `ensure`. */
  lookAgain(session: Session): Promise<void> {
    const now = session.clock.now();
    for (const [name, { usedAt }] of this.#names) if (now - usedAt > forgottenAfterMs) this.#names.delete(name);
    const stale = [...this.#names].filter(([, known]) => isStale(known, now));
    this.#looking = Promise.all(stale.map(([name, known]) => this.#look(session, name, known, laterLook)));
    return this.#looking.then(
      () => undefined,
      () => undefined,
    );
  }

  /** Makes what is missing. Resolves to why records cannot be sent to the other names; `not-yet` names can be waited for by `make`. */
  async ensure(session: Session, names: Iterable<string>): Promise<ReadonlyMap<string, Obstacle | 'not-yet'>> {
    await this.#looking;
    const obstacles = new Map<string, Obstacle | 'not-yet'>();
    for (const name of names) {
      const obstacle = await this.#ensureOne(session, name);
      if (obstacle) obstacles.set(name, obstacle);
    }
    return obstacles;
  }

  /** Makes a name as soon as that can be done; resolves to why it cannot. Throws `ElasticsearchUnavailable` at the deadline. */
  async make(session: Session, name: string): Promise<Obstacle | undefined> {
    const creation = await this.#create(session, name, (request) => ask(session, request));
    return this.#take(session, name, creation);
  }

  /** Makes a name again that has vanished; resolves to why it is not to be, or to undefined where it is there now. */
  async restore(session: Session, name: string): Promise<Obstacle | undefined> {
    const known = this.#known(session, name);
    known.kind = undefined;
    if (isIndirect(known)) return { failure: 'IndexMissing', reason: vanished(name, known) };
    const creation = await this.#create(session, name, (request) => ask(session, request));
    if (creation.kind !== 'barred') return this.#take(session, name, creation);
    const reason = `${name} does not exist and cannot be made (${creation.reason}): make it by hand, and set CREATE_INDEX=false`;
    return { failure: 'IndexMissing', reason };
  }

  /** Whether a name is an alias to which documents go without a pipeline, which may send them elsewhere. */
  isPlainAlias(name: string): boolean {
    const known = this.#names.get(name);
    return !this.#isAliasUnknown && known?.kind === 'alias' && !known.hasPipeline;
  }

  /** From now on no name is taken for a plain alias. */
  giveUpAliases(): void {
    this.#isAliasUnknown = true;
  }

  #known(session: Session, name: string): Known {
    const now = session.clock.now();
    const known = this.#names.get(name) ?? { kind: undefined, last: undefined, hasPipeline: false, lookedAt: 0, usedAt: now };
    known.usedAt = now;
    this.#names.set(name, known);
    return known;
  }

  async #ensureOne(session: Session, name: string): Promise<Obstacle | 'not-yet' | undefined> {
    const known = this.#known(session, name);
    // Records pass, and nobody answers a look: what stands before Elasticsearch swallows it.
    if (known.kind === 'unseen' && this.#company.has(name, session.clock.now())) known.kind = 'unknown';
    if (known.kind === undefined || known.kind === 'unseen') await this.#look(session, name, known, firstLook);
    else if (isStale(known, session.clock.now())) await this.#look(session, name, known, laterLook);
    if (known.kind !== undefined) return undefined;
    if (isIndirect(known)) return { failure: 'IndexMissing', reason: vanished(name, known) };
    const once = { tries: 1, share: 1 };
    const creation = await this.#create(session, name, (request) => lookUp(session, request, once));
    return creation.kind === 'not-yet' ? 'not-yet' : this.#take(session, name, creation);
  }

  async #look(session: Session, name: string, known: Known, patience: Patience): Promise<void> {
    const answer = await lookUp(session, { method: 'HEAD', path: `/${encodeURIComponent(name)}` }, patience);
    known.lookedAt = session.clock.now();
    if (answer?.status === 401) throw unauthorized(answer, session);
    if (answer?.status === 200) await this.#recognise(session, name, known);
    else if (answer?.status === 404) known.kind = undefined;
    else if (known.kind === undefined || known.kind === 'unseen') {
      known.kind = answer ? 'unknown' : 'unseen';
      this.#warn(session, `cannot look whether ${name} exists (${answer ? `status ${answer.status}` : 'no answer'})`);
    }
  }

  /** Aliases and data streams are answered for under the names of their indices. */
  async #recognise(session: Session, name: string, known: Known): Promise<void> {
    const path = `/${encodeURIComponent(name)}/_settings/index.uuid,index.*_pipeline`;
    const answer = await lookUp(session, { method: 'GET', path }, laterLook);
    const indices = answer?.status === 200 ? membersOf(answer.json) : {};
    const names = Object.keys(indices);
    known.kind = names.length === 0 || names.includes(name) ? 'index' : names.some(isBackingIndex) ? 'data-stream' : 'alias';
    known.hasPipeline = pipelinesIn(indices).length > 0;
    known.last = known.kind;
  }

  /** Notes what became of making a name; resolves to what stands in the way of its records. */
  #take(session: Session, name: string, creation: Creation): Obstacle | undefined {
    const known = this.#known(session, name);
    known.lookedAt = session.clock.now();
    if (creation.kind === 'made') known.kind = 'index';
    if (creation.kind === 'barred') {
      known.kind = 'unknown';
      this.#warn(session, `${name} cannot be made (${creation.reason})`);
    }
    return creation.kind === 'refused' ? { failure: 'IndexUnavailable', reason: `${name} cannot be made: ${creation.reason}` } : undefined;
  }

  async #create(session: Session, name: string, send: Send): Promise<Creation> {
    const template = await findTemplate(session, name);
    if (template === 'unknown') this.#warn(session, 'cannot look which templates there are');
    if (template === 'data-stream') return this.#put(session, `/_data_stream/${encodeURIComponent(name)}`, send);
    const body = template === 'mapped' ? undefined : this.#body;
    const answer = await this.#put(session, `/${encodeURIComponent(name)}`, send, body);
    const isStreamOnly = answer.kind === 'refused' && answer.reason.includes('creates data streams only');
    return isStreamOnly ? this.#put(session, `/_data_stream/${encodeURIComponent(name)}`, send) : answer;
  }

  async #put(session: Session, path: string, send: Send, body?: object): Promise<Creation> {
    const answer = await send({ method: 'PUT', path, ...(body && { body }) });
    if (answer?.status === 401) throw unauthorized(answer, session);
    return judgeCreation(answer);
  }

  #warn(session: Session, message: string): void {
    if (!this.#hasWarned) session.log('warn', `${message}; records are sent all the same`);
    this.#hasWarned = true;
  }
}

/** undefined: no answer but faults that heal. */
function judgeCreation(answer: Answer | undefined): Creation {
  if (!answer || isRetriable(answer)) return { kind: 'not-yet', reason: answer ? `status ${answer.status}` : 'no answer' };
  const { type, reason } = errorOf(answer.json);
  // Another instance was quicker, or what stands before Elasticsearch has hidden it.
  const isThere =
    type === 'resource_already_exists_exception' || (type === 'invalid_index_name_exception' && reason.endsWith('already exists as alias'));
  if (answer.status < 300 || isThere) return { kind: 'made' };
  const isBarred = !isOwnError(answer) || [403, 404, 405].includes(answer.status);
  if (isBarred) return { kind: 'barred', reason: `status ${answer.status}` };
  return { kind: 'refused', reason: `status ${answer.status} ${type}: ${reason}` };
}

function isStale({ kind, lookedAt }: Known, now: number): boolean {
  return kind !== 'unknown' && kind !== 'unseen' && now - lookedAt > lookAgainAfterMs;
}

function isIndirect({ last }: Known): boolean {
  return last === 'alias' || last === 'data-stream';
}

function vanished(name: string, { last }: Known): string {
  const was = last === 'alias' ? 'an alias' : 'a data stream';
  return `${name} was ${was} and does not exist any more; an index in its place would not do`;
}

/**
 * https://www.elastic.co/guide/en/elasticsearch/reference/7.10/data-streams.html#backing-indices; index lifecycle management puts `shrink-…-`,
 * `partial-` and the like before it: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/ilm-shrink.html
 */
function isBackingIndex(name: string): boolean {
  return name.includes('.ds-');
}

function unauthorized({ node }: Answer, { settings }: Session): Failure {
  return failureFrom('ElasticsearchUnauthorized', `${node} does not accept the credentials (401)`, settings);
}
