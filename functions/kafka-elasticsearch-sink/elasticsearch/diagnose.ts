import { isOwnError } from './classify.ts';
import type { Answer } from './client.ts';
import { lookUp, type Session } from './session.ts';

/**
 * Why a target cannot be written where Elasticsearch's answer would blame the record as well: its pipeline or its write index is missing,
 * or it is a data stream that takes no such operation. undefined: it is not the target, or this account cannot tell.
 */
export async function diagnose(session: Session, index: string): Promise<string | undefined> {
  const { WRITE_MODE } = session.settings;
  const name = encodeURIComponent(index);
  const pipeline = await missingPipeline(session, name);
  if (pipeline !== undefined) return `the ingest pipeline ${pipeline} does not exist`;
  const alias = await look(session, `/_alias/${name}`);
  if (alias?.status === 200 && !hasWriteIndex(alias.json, index)) return `the alias ${index} has no write index`;
  if (WRITE_MODE === 'create') return undefined;
  const stream = await look(session, `/_data_stream/${name}`);
  return stream?.status === 200 && holdsStream(stream.json) ? `${index} is a data stream, which takes only WRITE_MODE=create` : undefined;
}

function look(session: Session, path: string): Promise<Answer | undefined> {
  return lookUp(session, { method: 'GET', path }, { tries: 3, share: 0.1 });
}

async function missingPipeline(session: Session, name: string): Promise<string | undefined> {
  for (const pipeline of [session.settings.ES_PIPELINE, ...(await defaultPipelines(session, name))]) {
    if (pipeline === undefined || pipeline === '_none') continue;
    const answer = await look(session, `/_ingest/pipeline/${encodeURIComponent(pipeline)}`);
    if (answer?.status === 404 && isMissing(answer)) return pipeline;
  }
  return undefined;
}

/** Elasticsearch says `{}` of a pipeline that does not exist, a gateway something of its own. */
function isMissing(answer: Answer): boolean {
  const { json } = answer;
  return isOwnError(answer) || (typeof json === 'object' && json !== null && Object.keys(json).length === 0);
}

async function defaultPipelines(session: Session, name: string): Promise<string[]> {
  const { status, json } = (await look(session, `/${name}/_settings/index.*_pipeline`)) ?? { status: 0, json: undefined };
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

function holdsStream(json: unknown): boolean {
  return Array.isArray((json as { data_streams?: unknown } | undefined)?.data_streams);
}
