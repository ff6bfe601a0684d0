import type { Answer } from './client.ts';
import { ask, failureFrom, type Session } from './session.ts';

/** The indices that are written to: do they exist, and may they be made? Lives as long as the instance. */
export class Target {
  /** Names that exist, or of which this account cannot tell. */
  readonly #known = new Set<string>();
  #hasWarned = false;

  /** Makes what is missing, unless `CREATE_INDEX` is false. */
  async ensure(session: Session, names: Iterable<string>, body: object): Promise<void> {
    for (const name of names) {
      if (!this.#known.has(name) && (await this.#isMissing(session, name))) await this.create(session, name, body);
      this.#known.add(name);
    }
  }

  /** Makes an index, or a data stream where a template of the user's says so; a template that matches decides instead of `body`. False: no right. */
  async create(session: Session, name: string, body: object): Promise<boolean> {
    const template = await findTemplate(session, name);
    const path = template === 'data-stream' ? `/_data_stream/${encodeURIComponent(name)}` : `/${encodeURIComponent(name)}`;
    const answer = await ask(session, { method: 'PUT', path, ...(template === 'none' && { body }) });
    if (answer.status === 403) this.#warn(session, `no right to create ${name}`);
    if (answer.status === 403) return false;
    // Another instance was quicker.
    if (answer.status < 300 || errorType(answer) === 'resource_already_exists_exception') return true;
    const failure = answer.status === 401 ? 'ElasticsearchUnauthorized' : 'IndexUnavailable';
    throw failureFrom(
      failure,
      `${name} at ${answer.node} cannot be created: status ${answer.status} ${errorReason(answer)}`,
      session.settings,
    );
  }

  async #isMissing(session: Session, name: string): Promise<boolean> {
    const { status, node } = await ask(session, { method: 'HEAD', path: `/${encodeURIComponent(name)}` });
    if (status === 401) throw failureFrom('ElasticsearchUnauthorized', `${node} does not accept the credentials (401)`, session.settings);
    if (status !== 404 && status >= 300) this.#warn(session, `cannot look whether ${name} exists (status ${status})`);
    return status === 404;
  }

  #warn(session: Session, message: string): void {
    if (!this.#hasWarned) session.log('warn', `${message}; records are sent all the same`);
    this.#hasWarned = true;
  }
}

type Template = 'data-stream' | 'index' | 'none';

interface IndexTemplates {
  readonly index_templates?: readonly {
    readonly index_template: { readonly index_patterns: readonly string[]; readonly priority?: number; readonly data_stream?: object };
  }[];
}

/** Which template a new index of this name would get: the composable one of the highest priority, else any legacy one. */
async function findTemplate(session: Session, name: string): Promise<Template> {
  const composable = await ask(session, { method: 'GET', path: '/_index_template' });
  const candidates = composable.status === 200 ? ((composable.json as IndexTemplates | undefined)?.index_templates ?? []) : [];
  const [best] = candidates
    .map(({ index_template }) => index_template)
    .filter(({ index_patterns }) => matches(index_patterns, name))
    .sort((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
  if (best) return best.data_stream ? 'data-stream' : 'index';
  const legacy = await ask(session, { method: 'GET', path: '/_template', query: { filter_path: '*.index_patterns' } });
  const templates = legacy.status === 200 ? Object.values((legacy.json ?? {}) as { [name: string]: { index_patterns: string[] } }) : [];
  return templates.some(({ index_patterns }) => matches(index_patterns, name)) ? 'index' : 'none';
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const texts = pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${texts.join('.*')}$`).test(name);
  });
}

/**
 * Why a target cannot be written where Elasticsearch's answer would blame the record as well: its pipeline or its write index is missing,
 * or it is a data stream that takes no such operation. undefined: it is not the target, or this account cannot tell.
 */
export async function diagnose(session: Session, index: string): Promise<string | undefined> {
  const { ES_PIPELINE, WRITE_MODE } = session.settings;
  const name = encodeURIComponent(index);
  for (const pipeline of [ES_PIPELINE, ...(await defaultPipelines(session, name))]) {
    if (pipeline === undefined || pipeline === '_none') continue;
    const { status } = await ask(session, { method: 'GET', path: `/_ingest/pipeline/${encodeURIComponent(pipeline)}` });
    if (status === 404) return `the ingest pipeline ${pipeline} does not exist`;
  }
  const alias = await ask(session, { method: 'GET', path: `/_alias/${name}` });
  if (alias.status === 200 && !hasWriteIndex(alias.json, index)) return `the alias ${index} has no write index`;
  if (WRITE_MODE === 'create') return undefined;
  const stream = await ask(session, { method: 'GET', path: `/_data_stream/${name}` });
  return stream.status === 200 ? `${index} is a data stream, which takes only WRITE_MODE=create` : undefined;
}

async function defaultPipelines(session: Session, name: string): Promise<string[]> {
  const { status, json } = await ask(session, { method: 'GET', path: `/${name}/_settings/index.*_pipeline` });
  if (status !== 200) return [];
  const indices = Object.values((json ?? {}) as { [index: string]: { settings?: { index?: { [name: string]: string } } } });
  return indices.flatMap(({ settings }) => Object.values(settings?.index ?? {}));
}

/** A single index is the write index unless it says that it is not: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/indices-aliases.html */
function hasWriteIndex(json: unknown, alias: string): boolean {
  const indices = Object.values((json ?? {}) as { [index: string]: { aliases?: { [alias: string]: { is_write_index?: boolean } } } });
  const flags = indices.map(({ aliases }) => aliases?.[alias]?.is_write_index);
  return flags.includes(true) || (flags.length === 1 && flags[0] !== false);
}

function errorOf({ json }: Answer): { readonly type?: unknown; readonly reason?: unknown } {
  return (json as { error?: object } | undefined)?.error ?? {};
}

function errorType(answer: Answer): unknown {
  return errorOf(answer).type;
}

function errorReason(answer: Answer): string {
  const { type, reason } = errorOf(answer);
  return `${type ?? ''}: ${reason ?? ''}`;
}

/** Of the answer to `GET /`. */
interface Version {
  readonly number?: unknown;
  readonly distribution?: unknown;
}

const oldestMajor = 7;

/** The version that a server tells, and whether it is too old; undefined: it tells none. */
export function readVersion({ status, json }: Answer): { readonly number: string; readonly isTooOld: boolean } | undefined {
  const { number, distribution } = (json as { version?: Version } | undefined)?.version ?? {};
  if (status !== 200 || typeof number !== 'string') return undefined;
  // OpenSearch names itself, and counts its versions anew.
  return { number, isTooOld: distribution === undefined && Number.parseInt(number, 10) < oldestMajor };
}

/** Refuses a server older than 7.0, if it can be asked; throws `ElasticsearchUnsupported` or `ElasticsearchUnauthorized`. Resolves to whether it answered. */
export async function checkVersion({ client, deadline, log, settings }: Session): Promise<boolean> {
  // A part of the time only: a server that cannot be asked may still take records.
  const limitMs = Math.min(settings.ES_REQUEST_TIMEOUT_MS, deadline.leftMs / 4);
  const answer = await client.send({ method: 'GET', path: '/' }, limitMs).catch(() => undefined);
  if (answer?.status === 401)
    throw failureFrom('ElasticsearchUnauthorized', `${answer.node} does not accept the credentials (401)`, settings);
  const version = answer && readVersion(answer);
  if (!version) {
    log(
      'warn',
      `the version of Elasticsearch cannot be read (${answer ? `status ${answer.status}` : 'no answer'}); records are sent all the same`,
    );
    return answer !== undefined;
  }
  if (version.isTooOld) {
    throw failureFrom('ElasticsearchUnsupported', `${answer.node} is Elasticsearch ${version.number}; 7.0 or newer is needed`, settings);
  }
  return true;
}
