import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import type { SeenRequest } from './server.ts';

/** One operation of a bulk request. */
export interface BulkOperation {
  readonly action: string;
  readonly index: string;
  readonly id: string | undefined;
  /** The document, parsed; undefined for a delete. */
  readonly document: unknown;
}

const actions = ['index', 'create', 'update', 'delete'];
const members = ['_index', '_id', 'routing', 'version', 'version_type', 'retry_on_conflict'];
const maxIdBytes = 512;

export function isBulk({ method, path }: SeenRequest): boolean {
  return method === 'POST' && /^\/_bulk(\?|$)/.test(path);
}

/** The operations of a bulk request, compressed or not; throws unless each line is what it must be. */
export function operationsOf({ body, headers }: SeenRequest): readonly BulkOperation[] {
  return readBulkBody(headers.includes('gzip') ? gunzipSync(body) : body);
}

/** https://www.elastic.co/guide/en/elasticsearch/reference/7.10/docs-bulk.html */
function readBulkBody(body: Buffer): readonly BulkOperation[] {
  assert.ok(isUtf8(body), 'a bulk body is not UTF-8');
  const lines = body.toString().split('\n');
  assert.equal(lines.pop(), '', 'a bulk body ends within a line');
  const rest = lines.values();
  const operations: BulkOperation[] = [];
  for (const line of rest) operations.push(readOperation(line, () => rest.next().value ?? ''));
  return operations;
}

function readOperation(actionLine: string, nextLine: () => string): BulkOperation {
  const entries = Object.entries(readObject(actionLine));
  assert.equal(entries.length, 1, `an action line has ${entries.length} members`);
  const [action = '', meta] = entries[0] ?? [];
  assert.ok(actions.includes(action), `an action line has another action: ${actionLine}`);
  assert.ok(isObject(meta), `an action line without an object: ${actionLine}`);
  for (const name of Object.keys(meta)) assert.ok(members.includes(name), `an action line has a member ${name}`);
  const { _id: id, _index: index } = meta;
  assert.ok(typeof index === 'string', 'an operation without an index');
  assert.ok(id === undefined || (typeof id === 'string' && Buffer.byteLength(id) <= maxIdBytes), 'an id that Elasticsearch does not take');
  return { action, index, id, document: action === 'delete' ? undefined : readObject(nextLine()) };
}

function readObject(line: string): Readonly<Record<string, unknown>> {
  assert.ok(!/\r/.test(line), 'a line holds a carriage return');
  const parsed: unknown = JSON.parse(line);
  assert.ok(isObject(parsed), `a line is no object: ${line.slice(0, 200)}`);
  return parsed;
}

/** Whether parsed JSON is an object, and no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
