import type { estypes } from '@elastic/elasticsearch';
import { isOwnError } from './classify.ts';
import type { Response } from './client.ts';
import { lookUp } from './send.ts';
import type { Session } from './session.ts';
import { unverified } from './unverified.ts';

/**
 * What a new index of a name gets from templates: `data-stream`: it becomes one; `mapped`: a mapping of the user's; `unmapped`: none, or only
 * settings; `unknown`: they cannot be seen.
 */
export type TemplateEffect = 'data-stream' | 'mapped' | 'unmapped' | 'unknown';

/** What decides of a template, composable or not. */
interface TemplateSummary {
  readonly patterns: readonly string[];
  readonly priority: number;
  readonly isStream: boolean;
  readonly isMapped: boolean;
  readonly components: readonly string[];
}

/** Which template a new index of this name would get: the composable one of the highest priority, else all legacy ones that match. */
export async function findTemplate(session: Session, name: string): Promise<TemplateEffect> {
  const composable = await composableTemplates(session);
  const [best] = matching(composable, name).sort((one, other) => other.priority - one.priority);
  if (best?.isStream) return 'data-stream';
  if (best) return best.isMapped || (await isAnyMapped(session, best.components)) ? 'mapped' : 'unmapped';
  const legacy = await legacyTemplates(session);
  if (matching(legacy, name).some(({ isMapped }) => isMapped)) return 'mapped';
  return composable && legacy ? 'unmapped' : 'unknown';
}

function look(session: Session, path: string): Promise<Response | undefined> {
  return lookUp(session, { method: 'GET', path }, { maxTries: 3, timeShare: 0.1 });
}

/** All composable templates, undefined where they cannot be seen. Before 7.8 there were none: https://www.elastic.co/guide/en/elasticsearch/reference/7.8/release-highlights.html */
async function composableTemplates(session: Session): Promise<TemplateSummary[] | undefined> {
  const response = await look(session, '/_index_template');
  const named = unverified<estypes.IndicesGetIndexTemplateResponse>(response?.json).index_templates;
  if (response?.status === 200 && Array.isArray(named))
    return named.map((one) => readTemplate(unverified<estypes.IndicesGetIndexTemplateIndexTemplateItem>(one).index_template));
  return isNotServed(response) ? [] : undefined;
}

/** All legacy templates, undefined where they cannot be seen. */
async function legacyTemplates(session: Session): Promise<TemplateSummary[] | undefined> {
  const response = await look(session, '/_template');
  const templates = Object.values(unverified<estypes.IndicesGetTemplateResponse>(response?.json));
  const areTemplates = templates.every((one) => Array.isArray(unverified<estypes.IndicesTemplateMapping>(one).index_patterns));
  if (response?.status === 200 && response.json !== undefined && areTemplates) return templates.map(readTemplate);
  return isNotServed(response) ? [] : undefined;
}

/** Whether the server has no such templates, so that it takes the path for an index's name and refuses that. */
function isNotServed(response: Response | undefined): boolean {
  return response?.status === 400 && isOwnError(response);
}

/** Reads a composable template, whose mappings are in a member, or a legacy one, which has its own. */
function readTemplate(json: unknown): TemplateSummary {
  const { composed_of, data_stream, index_patterns, mappings, priority, template } = unverified<
    estypes.IndicesIndexTemplate & estypes.IndicesTemplateMapping
  >(json);
  return {
    patterns: texts(index_patterns),
    priority: typeof priority === 'number' ? priority : 0,
    isStream: data_stream !== undefined,
    isMapped: hasMembers(mappings) || hasMembers(unverified<estypes.IndicesIndexTemplateSummary>(template).mappings),
    components: texts(composed_of),
  };
}

/** Whether a component template has mappings, looked up one by one, as 7.10 takes no list. One that does not exist has none; one that cannot be seen may. */
async function isAnyMapped(session: Session, components: readonly string[]): Promise<boolean> {
  for (const component of components) {
    const response = await look(session, `/_component_template/${encodeURIComponent(component)}`);
    const named = unverified<estypes.ClusterGetComponentTemplateResponse>(response?.json).component_templates;
    const isSeen = Array.isArray(named) || (response?.status === 404 && isOwnError(response));
    const found = Array.isArray(named) ? named : [];
    if (!isSeen || found.some((one) => readTemplate(unverified<estypes.ClusterComponentTemplate>(one).component_template).isMapped))
      return true;
  }
  return false;
}

function hasMembers(value: unknown): boolean {
  return Object.keys(unverified(value)).length > 0;
}

/** The texts in a list, in which halves of characters, which no path can hold, are replaced. */
function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').map((one) => one.toWellFormed()) : [];
}

function matching(templates: readonly TemplateSummary[] | undefined, name: string): TemplateSummary[] {
  return (templates ?? []).filter(({ patterns }) => patterns.some((pattern) => fitsPattern(pattern, name)));
}

/** Whether a name fits a pattern, whose `*` stands for any text. Takes the first place for each part, so that no pattern takes long. */
export function fitsPattern(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === first;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.startsWith(first) && name.endsWith(last) && at + last.length <= name.length;
}
