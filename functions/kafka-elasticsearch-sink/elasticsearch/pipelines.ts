import type { Response } from './client.ts';
import { errorOf, unverified } from './unverified.ts';

/** The name that a request gives to have its documents go through no pipeline, not even the index's own. */
export const noPipeline = '_none';

/** Whether a look-up takes a name for a list or a pattern; a bulk request takes it for the name of one pipeline, which some servers let it be. */
export function mayFindOthers(name: string): boolean {
  return /[*,]/.test(name);
}

/** The path that finds the pipeline of this name, and perhaps others with it. */
export function pipelinePath(name: string): string {
  return `/_ingest/pipeline/${encodeURIComponent(name.replaceAll(',', '*'))}`;
}

/** Whether a look-up has found the pipeline of this name; undefined where it does not tell, as where something before Elasticsearch has responded. */
export function hasFound({ json, status }: Response, name: string): boolean | undefined {
  if (status === 404) return JSON.stringify(json) === '{}' || errorOf(json).type !== 'unknown' ? false : undefined;
  if (status !== 200) return undefined;
  return !mayFindOthers(name) || Object.hasOwn(unverified(json), name);
}
