import type { estypes } from '@elastic/elasticsearch';
import type { Failure } from '../../../shared/errors.ts';
import { redactedFailure } from '../redact.ts';
import { type Fault, isOwnError, isRetriable } from './classify.ts';
import type { Request, Response } from './client.ts';
import { pipelinesIn } from './diagnose.ts';
import type { RecentWrites } from './recent-writes.ts';
import { type LookUpLimits, lookUp, sendWithRetries } from './send.ts';
import type { Session } from './session.ts';
import { findTemplate } from './template.ts';
import { errorOf, unverified } from './unverified.ts';
import type { Requirement } from './version.ts';

/**
 * What a name stands for; `unknown`: this account, or what stands before Elasticsearch, does not let it be seen; `unseen`: no look has had a
 * response yet.
 */
type TargetKind = 'index' | 'alias' | 'data-stream' | 'unknown' | 'unseen';

/** What an instance knows of a name. */
interface TargetState {
  /** What it is; undefined where it does not exist. */
  kind: TargetKind | undefined;
  /** What it was when it last existed. */
  last: TargetKind | undefined;
  /** An ingest pipeline may send its documents elsewhere. */
  hasPipeline: boolean;
  /** When it was last looked at, in ms by the clock of the invocations. */
  lookedAt: number;
  /** When a record last went there, by the same clock. */
  usedAt: number;
}

/**
 * What became of a request that creates; `barred`: it is not allowed, or not let through; `not-ready`: a block or the server's state is in the way
 * for now.
 */
type Outcome = { readonly kind: 'created' } | { readonly kind: 'barred' | 'refused' | 'not-ready'; readonly reason: string };

/** What became of creating a target, and what it was to be. */
type Creation = Outcome & { readonly target: 'index' | 'data-stream' };

/** The body of a request that creates an index. */
export type IndexBody = Pick<estypes.IndicesCreateRequest, 'mappings'>;

/** What stands in the way of a target's records; `isAbsent`: it is not there, never was seen there, and is not to be made. */
export type Obstacle = Fault & { readonly isAbsent?: boolean };

/** Sends a request, and decides how long it is tried. */
type Send = (request: Request) => Promise<Response | undefined>;

/** A target may vanish while an instance lives, so it is looked at again. */
const lookAgainAfterMs = 30_000;
const forgetAfterMs = 600_000;
/** The first look decides whether records go to an index with our mapping, so it is worth a wait; a later one is not. */
const firstLook: LookUpLimits = { maxTries: Number.POSITIVE_INFINITY, timeShare: 0.5 };
const laterLook: LookUpLimits = { maxTries: 1, timeShare: 0.25 };

/**
 * The targets that are written to, each an index, an alias or a data stream: whether they exist, and how they are created. Lives as long as the
 * instance.
 */
export class Targets {
  readonly #indexBody: IndexBody | undefined;
  readonly #recentWrites: RecentWrites;
  readonly #states = new Map<string, TargetState>();
  #currentLooks: Promise<unknown> = Promise.resolve();
  /** Names at which `lookAhead` has had this invocation's look, until `ensure` decides. */
  readonly #lookedAhead = new Set<string>();
  #hasWarned = false;
  /** A node did not know the parameters that keep an alias or a data stream from being made an index. */
  #requiresNothing = false;

  /** `indexBody` creates an index that no template maps; without it nothing is created. */
  constructor(indexBody: IndexBody | undefined, recentWrites: RecentWrites) {
    this.#indexBody = indexBody;
    this.#recentWrites = recentWrites;
  }

  /** Looks again at the names that were not looked at for a while, beside other work. Resolves always; `ensure` throws what it meets. */
  lookAgain(session: Session): Promise<void> {
    const now = session.clock.now();
    for (const [name, { usedAt }] of this.#states) if (now - usedAt > forgetAfterMs) this.#states.delete(name);
    // Of an invocation that failed before `ensure`: what was seen then may have changed.
    this.#lookedAhead.clear();
    const stale = [...this.#states].filter(([, state]) => isStale(state, now));
    this.#currentLooks = Promise.all(stale.map(([name, state]) => this.#look(session, name, state, laterLook)));
    return settled(this.#currentLooks);
  }

  /** Looks at names that are not known yet, beside other work. Resolves always; `ensure` throws what it meets. */
  lookAhead(session: Session, names: Iterable<string>): Promise<void> {
    const unknown = [...names].filter((name) => !this.#states.has(name));
    for (const name of unknown) this.#lookedAhead.add(name);
    const looks = unknown.map((name) => this.#look(session, name, this.#stateOf(session, name), firstLook));
    this.#currentLooks = Promise.all([this.#currentLooks, ...looks]);
    return settled(this.#currentLooks);
  }

  /** Creates what is missing. Resolves to the targets that records cannot be sent to, and why; `createWhenReady` can wait for those `not-ready`. */
  async ensure(session: Session, names: Iterable<string>): Promise<ReadonlyMap<string, Obstacle | 'not-ready'>> {
    await this.#currentLooks;
    const obstacles = new Map<string, Obstacle | 'not-ready'>();
    for (const name of names) {
      const obstacle = await this.#ensureOne(session, name);
      if (obstacle) obstacles.set(name, obstacle);
    }
    return obstacles;
  }

  /** Creates a target as soon as that can be done; resolves to why it cannot. Throws `ElasticsearchUnavailable` at the deadline. */
  async createWhenReady(session: Session, name: string): Promise<Obstacle | undefined> {
    const creation = await this.#create(session, name, (request) => sendWithRetries(session, request));
    return this.#record(session, name, creation);
  }

  /** Creates a vanished target again; resolves to why it cannot, or to undefined where it is there now. */
  async recreate(session: Session, name: string): Promise<Fault | undefined> {
    const state = this.#stateOf(session, name);
    state.kind = undefined;
    if (isIndirect(state)) return { failure: 'IndexMissing', reason: describeVanished(name, state) };
    if (!this.#indexBody) return absence(name);
    const creation = await this.#create(session, name, (request) => sendWithRetries(session, request));
    if (creation.kind !== 'barred') return this.#record(session, name, creation);
    const reason = `${name} does not exist and cannot be made (${creation.reason}): make it by hand, and set CREATE_INDEX=false`;
    return { failure: 'IndexMissing', reason };
  }

  /** What keeps a server from making an index in place of an alias or a data stream to which documents go without a pipeline, which may send them elsewhere. */
  requirementOf(name: string): Requirement | undefined {
    const state = this.#states.get(name);
    if (this.#requiresNothing || !state || state.hasPipeline) return undefined;
    if (state.kind === 'alias') return 'require_alias';
    return state.kind === 'data-stream' ? 'require_data_stream' : undefined;
  }

  /** Requires nothing of any name from now on. */
  stopRequiring(): void {
    this.#requiresNothing = true;
  }

  #stateOf(session: Session, name: string): TargetState {
    const now = session.clock.now();
    const state = this.#states.get(name) ?? { kind: undefined, last: undefined, hasPipeline: false, lookedAt: 0, usedAt: now };
    state.usedAt = now;
    this.#states.set(name, state);
    return state;
  }

  async #ensureOne(session: Session, name: string): Promise<Obstacle | 'not-ready' | undefined> {
    const state = this.#stateOf(session, name);
    // Records pass, and no look gets a response: what stands before Elasticsearch swallows it.
    if (state.kind === 'unseen' && this.#recentWrites.has(name, session.clock.now())) state.kind = 'unknown';
    if (!this.#lookedAhead.delete(name)) await this.#lookIfNeeded(session, name, state);
    if (state.kind !== undefined) return undefined;
    if (isIndirect(state)) return { failure: 'IndexMissing', reason: describeVanished(name, state) };
    if (!this.#indexBody) return absence(name);
    const once = { maxTries: 1, timeShare: 1 };
    const creation = await this.#create(session, name, (request) => lookUp(session, request, once));
    return creation.kind === 'not-ready' ? 'not-ready' : this.#record(session, name, creation);
  }

  async #lookIfNeeded(session: Session, name: string, state: TargetState): Promise<void> {
    if (state.kind === undefined || state.kind === 'unseen') await this.#look(session, name, state, firstLook);
    else if (isStale(state, session.clock.now())) await this.#look(session, name, state, laterLook);
  }

  async #look(session: Session, name: string, state: TargetState, limits: LookUpLimits): Promise<void> {
    const response = await lookUp(session, { method: 'HEAD', path: `/${encodeURIComponent(name)}` }, limits);
    state.lookedAt = session.clock.now();
    if (response?.status === 401) throw unauthorized(response, session);
    if (response?.status === 200) await this.#recognise(session, name, state);
    else if (response?.status === 404 && (await this.#isMissing(session, name))) state.kind = undefined;
    else if (state.kind === undefined || state.kind === 'unseen') {
      state.kind = response ? 'unknown' : 'unseen';
      this.#warn(session, `cannot look whether ${name} exists (${response ? `status ${response.status}` : 'no answer'})`);
    }
  }

  /** Whether a 404 is Elasticsearch's, if it matters: what is created is told by the response to that. The response to a `HEAD` has no body. */
  async #isMissing(session: Session, name: string): Promise<boolean> {
    if (this.#indexBody) return true;
    const response = await lookUpSettings(session, name);
    return response?.status === 404 && errorOf(response.json).type === 'index_not_found_exception';
  }

  /** Tells what a name stands for: in the response, aliases and data streams are under the names of their indices. */
  async #recognise(session: Session, name: string, state: TargetState): Promise<void> {
    const response = await lookUpSettings(session, name);
    const indices = response?.status === 200 ? unverified<estypes.IndicesGetSettingsResponse>(response.json) : {};
    state.kind = kindOf(name, Object.keys(indices));
    state.hasPipeline = pipelinesIn(indices).length > 0;
    state.last = state.kind;
  }

  /** Records what became of creating a target; returns what stands in the way of its records. */
  #record(session: Session, name: string, creation: Creation): Fault | undefined {
    const state = this.#stateOf(session, name);
    state.lookedAt = session.clock.now();
    if (creation.kind === 'created') state.kind = creation.target;
    // The first record may make it.
    if (creation.kind === 'created' || creation.kind === 'barred') state.last = creation.target;
    if (creation.kind === 'barred') {
      state.kind = 'unknown';
      this.#warn(session, `${name} cannot be made (${creation.reason})`);
    }
    return creation.kind === 'refused' ? { failure: 'IndexUnavailable', reason: `${name} cannot be made: ${creation.reason}` } : undefined;
  }

  async #create(session: Session, name: string, send: Send): Promise<Creation> {
    const template = await findTemplate(session, name);
    if (template === 'unknown') this.#warn(session, 'cannot look which templates there are');
    if (template === 'data-stream') return this.#createStream(session, name, send);
    const body = template === 'mapped' ? undefined : this.#indexBody;
    const outcome = await this.#put(session, `/${encodeURIComponent(name)}`, send, body);
    const isStreamOnly = outcome.kind === 'refused' && outcome.reason.includes('creates data streams only');
    return isStreamOnly ? this.#createStream(session, name, send) : { ...outcome, target: 'index' };
  }

  async #createStream(session: Session, name: string, send: Send): Promise<Creation> {
    const outcome = await this.#put(session, `/_data_stream/${encodeURIComponent(name)}`, send);
    return { ...outcome, target: 'data-stream' };
  }

  async #put(session: Session, path: string, send: Send, body?: IndexBody): Promise<Outcome> {
    const response = await send({ method: 'PUT', path, ...(body && { body }) });
    if (response?.status === 401) throw unauthorized(response, session);
    return classifyCreation(response);
  }

  #warn(session: Session, message: string): void {
    if (!this.#hasWarned) session.log('warn', `${message}; records are sent all the same`);
    this.#hasWarned = true;
  }
}

function lookUpSettings(session: Session, name: string): Promise<Response | undefined> {
  return lookUp(session, { method: 'GET', path: `/${encodeURIComponent(name)}/_settings/index.uuid,index.*_pipeline` }, laterLook);
}

function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => undefined,
    () => undefined,
  );
}

/** Classifies the response to a creation; undefined where nothing but retriable faults came. */
function classifyCreation(response: Response | undefined): Outcome {
  if (!response || isRetriable(response)) return { kind: 'not-ready', reason: response ? `status ${response.status}` : 'no answer' };
  const { type, reason } = errorOf(response.json);
  // Another instance was quicker, or what stands before Elasticsearch has hidden it.
  const isThere =
    type === 'resource_already_exists_exception' || (type === 'invalid_index_name_exception' && reason.endsWith('already exists as alias'));
  if (response.status < 300 || isThere) return { kind: 'created' };
  const isBarred = !isOwnError(response) || [403, 404, 405].includes(response.status);
  if (isBarred) return { kind: 'barred', reason: `status ${response.status}` };
  return { kind: 'refused', reason: `status ${response.status} ${type}: ${reason}` };
}

function isStale({ kind, lookedAt }: TargetState, now: number): boolean {
  return kind !== 'unknown' && kind !== 'unseen' && now - lookedAt > lookAgainAfterMs;
}

function isIndirect({ last }: TargetState): boolean {
  return last === 'alias' || last === 'data-stream';
}

function absence(name: string): Obstacle {
  return { failure: 'IndexMissing', reason: `${name} does not exist, and CREATE_INDEX is false`, isAbsent: true };
}

function describeVanished(name: string, { last }: TargetState): string {
  const was = last === 'alias' ? 'an alias' : 'a data stream';
  return `${name} was ${was} and does not exist any more; an index in its place would not do`;
}

/** What a name stands for, by the indices that are found under it. */
export function kindOf(name: string, indices: readonly string[]): 'index' | 'alias' | 'data-stream' {
  if (indices.length === 0 || indices.includes(name)) return 'index';
  return indices.some(isBackingIndex) ? 'data-stream' : 'alias';
}

/**
 * Whether an index holds the documents of a data stream, by its name:
 * https://www.elastic.co/guide/en/elasticsearch/reference/7.10/data-streams.html#backing-indices; index lifecycle management puts `shrink-…-`,
 * `partial-` and the like before it: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/ilm-shrink.html
 */
export function isBackingIndex(name: string): boolean {
  return name.includes('.ds-');
}

function unauthorized({ node }: Response, { settings }: Session): Failure {
  return redactedFailure('ElasticsearchUnauthorized', `${node} does not accept the credentials (401)`, settings);
}
