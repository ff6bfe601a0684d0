import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../../../shared/secret.ts';
import { notReturned } from '../cloud/json.ts';
import { providerOf, type Resource, type ResourceKind } from './resources/all-resources.ts';
import type { Change } from './resources/provider.ts';

/** One step of a plan; `replace` removes what is there first. */
export interface Step<Kind extends ResourceKind = ResourceKind> {
  readonly action: 'create' | 'change' | 'replace' | 'keep' | 'delete';
  readonly resource: Resource<Kind>;
  readonly changes: readonly Change[];
}

/** What would have to be done, in the order of the desired resources. */
export function makePlan(desired: readonly Resource[], found: readonly Resource[]): Step[] {
  return desired.map((resource) => {
    const before = found.find(({ kind, name }) => kind === resource.kind && name === resource.name);
    if (!before) return { action: 'create', resource, changes: differences({}, fieldsOf(resource)) };
    if (providerOf(resource.kind).isKeptAsFound) return { action: 'keep', resource: before, changes: [] };
    const changes = differences(fieldsOf(before), fieldsOf(resource));
    return { action: actionFor(resource, changes), resource, changes };
  });
}

/** Removes what is there, the last made first. */
export function makeRemoval(found: readonly Resource[]): Step[] {
  return found.toReversed().map((resource) => ({ action: 'delete', resource, changes: [] }));
}

function actionFor({ kind }: Resource, changes: readonly Change[]): Step['action'] {
  if (changes.length === 0) return 'keep';
  return changes.some(({ field }) => providerOf(kind).fixedFields?.test(field)) ? 'replace' : 'change';
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
