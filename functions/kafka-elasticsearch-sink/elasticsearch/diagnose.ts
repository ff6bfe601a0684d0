import type { estypes } from '@elastic/elasticsearch';
import type { Response } from './client.ts';
import { timeSeriesIds } from './error-reasons.ts';
import { hasFound, noPipeline, pipelinePath } from './pipelines.ts';
import { lookUp } from './send.ts';
import type { Session } from './session.ts';
import { unverified } from './unverified.ts';

/**
 * Why a target cannot be written where Elasticsearch's response would blame the record as well: it, its pipeline or its write index is missing, it
 * makes its ids itself, or it is a data stream that takes no such operation. undefined: it is not the target, or this account cannot tell.
 */
export async function diagnose(session: Session, index: string): Promise<string | undefined> {
  const { DOCUMENT_ID, WRITE_MODE } = session.settings;
  const name = encodeURIComponent(index);
  const pipeline = await missingPipeline(session, name);
  if (pipeline !== undefined) return `the ingest pipeline ${pipeline} does not exist`;
  if (await isAbsent(session, name)) return `${index} is not there, and is not made by writing to it`;
  const alias = await look(session, `/_alias/${name}`);
  if (alias?.status === 200 && lacksWriteIndex(alias.json, index)) return `the alias ${index} has no write index`;
  if (DOCUMENT_ID !== 'auto' && (await writesTimeSeries(session, name))) return `${index} ${timeSeriesIds}`;
  if (WRITE_MODE === 'create') return undefined;
  const stream = await look(session, `/_data_stream/${name}`);
  return stream?.status === 200 && holdsStream(stream.json) ? `${index} is a data stream, which takes only WRITE_MODE=create` : undefined;
}

/** Whether there is no such name, where nothing can send the documents to another. */
async function isAbsent(session: Session, name: string): Promise<boolean> {
  if (session.settings.ES_PIPELINE !== undefined) return false;
  return (await lookUp(session, { method: 'HEAD', path: `/${name}` }, diagnosis))?.status === 404;
}

async function writesTimeSeries(session: Session, name: string): Promise<boolean> {
  const response = await look(session, `/${name}/_settings/index.mode`);
  return response?.status === 200 && isTimeSeries(unverified<estypes.IndicesGetSettingsResponse>(response.json));
}

/** Whether what is written to these indices goes to a time series, as `GET /<name>/_settings` returns them: of a data stream's the last is written to. */
export function isTimeSeries(indices: { readonly [index: string]: unknown }): boolean {
  const last = Object.keys(indices).sort().at(-1) ?? '';
  const { settings } = unverified<estypes.IndicesIndexState>(indices[last]);
  return unverified<estypes.IndicesIndexSettings>(unverified<estypes.IndicesIndexSettings>(settings).index).mode === 'time_series';
}

/** Whether a name stands in the settings or in the definition of a pipeline; otherwise a pipeline may have made it from a record. */
export async function isConfigured(session: Session, name: string): Promise<boolean> {
  if (name === session.settings.ES_PIPELINE) return true;
  const pipelines = await look(session, '/_ingest/pipeline');
  return pipelines?.status === 200 && (JSON.stringify(pipelines.json) ?? '').includes(JSON.stringify(name));
}

/** Of a name that is an index a server that knows data streams answers none. */
function holdsStream(json: unknown): boolean {
  const { data_streams } = unverified<estypes.IndicesGetDataStreamResponse>(json);
  return Array.isArray(data_streams) && data_streams.length > 0;
}

const diagnosis = { maxTries: 3, timeShare: 0.1 };

function look(session: Session, path: string): Promise<Response | undefined> {
  return lookUp(session, { method: 'GET', path }, diagnosis);
}

async function missingPipeline(session: Session, name: string): Promise<string | undefined> {
  for (const pipeline of [session.settings.ES_PIPELINE, ...(await defaultPipelines(session, name))]) {
    if (pipeline === undefined || pipeline === noPipeline) continue;
    const response = await look(session, pipelinePath(pipeline));
    if (response && hasFound(response, pipeline) === false) return pipeline;
  }
  return undefined;
}

async function defaultPipelines(session: Session, name: string): Promise<string[]> {
  const response = await look(session, `/${name}/_settings/index.*_pipeline`);
  return response?.status === 200 ? pipelinesIn(response.json) : [];
}

/** The pipelines that the settings of indices name, as `GET /<name>/_settings` returns them; halves of characters, which no path can hold, are replaced. */
export function pipelinesIn(json: unknown): string[] {
  return Object.values(unverified<estypes.IndicesGetSettingsResponse>(json)).flatMap((state) => {
    const { index } = unverified<estypes.IndicesIndexSettings>(unverified<estypes.IndicesIndexState>(state).settings);
    const { default_pipeline, final_pipeline } = unverified<estypes.IndicesIndexSettings>(index);
    return [default_pipeline, final_pipeline].filter((name) => typeof name === 'string').map((name) => name.toWellFormed());
  });
}

/** Whether an alias has no write index; its only index is that unless it says that it is not: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/indices-aliases.html */
function lacksWriteIndex(json: unknown, alias: string): boolean {
  const indices = Object.values(unverified<estypes.IndicesGetAliasResponse>(json));
  const definitions = indices.map((index) => unverified(unverified<estypes.IndicesGetAliasIndexAliases>(index).aliases)[alias]);
  const flags = definitions
    .filter((definition) => definition !== undefined)
    .map((definition) => unverified<estypes.IndicesAliasDefinition>(definition).is_write_index);
  return flags.length > 0 && !flags.includes(true) && (flags.length > 1 || flags[0] === false);
}
