import { isOwnError } from './classify.ts';
import type { Answer } from './client.ts';
import { lookUp, type Session } from './session.ts';

/**
 * What a new index of a name gets from templates: `data-stream`: it becomes one; `mapped`: a mapping of the user's; `unmapped`: none, or only
 * settings; `unknown`: they cannot be seen.
 */
export type Template = 'data-stream' | 'mapped' | 'unmapped' | 'unknown';

interface Body {
  readonly mappings?: object;
}

interface ComposableTemplate {
  readonly index_patterns: readonly string[];
  readonly priority?: number;
  readonly data_stream?: object;
  readonly composed_of?: readonly string[];
  readonly template?: Body;
}

interface LegacyTemplate extends Body {
  readonly index_patterns: readonly string[];
}

/** Which template a new index of this name would get: the composable one of the highest priority, else all legacy ones that match. */
export async function findTemplate(session: Session, name: string): Promise<Template> {
  const composable = await composableTemplates(session);
  const [best] = (composable ?? [])
    .filter(({ index_patterns }) => matches(index_patterns, name))
    .sort((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
  if (best?.data_stream) return 'data-stream';
  if (best) return (await hasMappings(session, best)) ? 'mapped' : 'unmapped';
  const legacy = await legacyTemplates(session);
  const matching = legacy?.filter(({ index_patterns }) => matches(index_patterns, name));
  if (matching?.some(isMapped)) return 'mapped';
  return composable && legacy ? 'unmapped' : 'unknown';
}

function look(session: Session, path: string): Promise<Answer | undefined> {
  return lookUp(session, { method: 'GET', path }, { tries: 3, share: 0.1 });
}

/** undefined: they cannot be seen. Before 7.8 there were none: https://www.elastic.co/guide/en/elasticsearch/reference/7.8/release-highlights.html */
async function composableTemplates(session: Session): Promise<ComposableTemplate[] | undefined> {
  const answer = await look(session, '/_index_template');
  const { index_templates: named } = (answer?.json ?? {}) as { index_templates?: readonly { index_template: ComposableTemplate }[] };
  if (answer?.status === 200 && named) return named.map(({ index_template }) => index_template);
  return isNotServed(answer) ? [] : undefined;
}

/** undefined: they cannot be seen. */
async function legacyTemplates(session: Session): Promise<LegacyTemplate[] | undefined> {
  const answer = await look(session, '/_template');
  if (answer?.status === 200 && isNamed(answer.json)) return Object.values(answer.json) as LegacyTemplate[];
  return isNotServed(answer) ? [] : undefined;
}

/** A server without such templates takes the path for an index's name, and refuses that. */
function isNotServed(answer: Answer | undefined): boolean {
  return answer?.status === 400 && isOwnError(answer);
}

function isNamed(json: unknown): json is { readonly [name: string]: unknown } {
  return typeof json === 'object' && json !== null;
}

async function hasMappings(session: Session, { composed_of: components = [], template }: ComposableTemplate): Promise<boolean> {
  if (isMapped(template)) return true;
  if (components.length === 0) return false;
  const answer = await look(session, `/_component_template/${components.map(encodeURIComponent).join(',')}`);
  const { component_templates: named } = (answer?.json ?? {}) as {
    component_templates?: readonly { component_template: { template?: Body } }[];
  };
  // What cannot be seen may hold a mapping, which then decides.
  return named?.some(({ component_template }) => isMapped(component_template.template)) ?? true;
}

function isMapped(body: Body | undefined): boolean {
  return Object.keys(body?.mappings ?? {}).length > 0;
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const texts = pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${texts.join('.*')}$`).test(name);
  });
}
