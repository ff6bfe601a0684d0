/** A value as an API sends and takes it. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Stands for a value that the cloud does not return, of which nothing can be said. */
export const notReturned = '(not returned)';

/** The object that a field holds; empty when it holds none. */
export function objectAt(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The text that a field holds; `notReturned` when it holds none. */
export function textAt(parent: JsonObject, name: string): string {
  const value = parent[name];
  return typeof value === 'string' ? value : notReturned;
}
