import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../../../shared/secret.ts';
import { notReturned } from '../cloud/json.ts';
import type { Resource, ResourceKind } from './resource.ts';

/** A field that differs, where undefined stands for a field that is not there; secrets print as `***`. */
export interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One step of a plan; `replace` removes what is there first. */
export interface Step<Kind extends ResourceKind = ResourceKind> {
  readonly action: 'create' | 'change' | 'replace' | 'keep' | 'delete';
  readonly resource: Resource<Kind>;
  readonly changes: readonly Change[];
}

/** The fields that cannot be changed, only the whole resource replaced: where a trigger reads from. */
const fixed: { readonly [kind in ResourceKind]?: RegExp } = { trigger: /^source\.(InstanceId|Topic|ConsumerGroup)$/ };
/** What is there is kept as it is: its rules have been checked, and changing it would lose data or serve nothing. */
const keptAsFound: ReadonlySet<ResourceKind> = new Set(['topic', 'log store']);

/** What would have to be done, in the order of the desired resources. */
export function makePlan(desired: readonly Resource[], actual: readonly Resource[]): Step[] {
  return desired.map((resource) => {
    const found = actual.find(({ kind, name }) => kind === resource.kind && name === resource.name);
    if (!found) return { action: 'create', resource, changes: differences({}, fieldsOf(resource)) };
    if (keptAsFound.has(resource.kind)) return { action: 'keep', resource: found, changes: [] };
    const changes = differences(fieldsOf(found), fieldsOf(resource));
    return { action: actionFor(resource, changes), resource, changes };
  });
}

/** Removes what is there, the last made first. */
export function makeRemoval(actual: readonly Resource[]): Step[] {
  return actual.toReversed().map((resource) => ({ action: 'delete', resource, changes: [] }));
}

function actionFor({ kind }: Resource, changes: readonly Change[]): Step['action'] {
  if (changes.length === 0) return 'keep';
  return changes.some(({ field }) => fixed[kind]?.test(field)) ? 'replace' : 'change';
}

interface Fields {
  readonly [path: string]: unknown;
}

/** Every leaf by its path; lists are leaves. */
function fieldsOf({ kind: _kind, name: _name, ...fields }: Resource): Fields {
  return flatten(fields, '');
}

function flatten(value: object, path: string): Fields {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]): [string, unknown][] =>
      typeof part === 'object' && !Array.isArray(part) && !(part instanceof Secret)
        ? Object.entries(flatten(part, `${path}${name}.`))
        : [[`${path}${name}`, part]],
    ),
  );
}

function differences(before: Fields, after: Fields): Change[] {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return names
    .filter((field) => isReturned(before[field]) && !isDeepStrictEqual(plain(before[field]), plain(after[field])))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

/** What an API leaves out is no difference: it would be one for ever. A number that it leaves out is none. */
function isReturned(value: unknown): boolean {
  return !Number.isNaN(value) && ![value].flat().includes(notReturned);
}

function plain(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}
