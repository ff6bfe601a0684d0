import { connectorRecord } from '../function/records.ts';
import { json, type ScriptedServer, type SeenRequest } from './scripted-server.ts';

export type Answer = ScriptedServer['answer'];

// What a server may echo, and nobody may ever read.
export const password = 'canary-Pa55';
export const basic = Buffer.from(`elastic:${password}`).toString('base64');
export const apiKey = Buffer.from('canary-id:canary-S3cret').toString('base64');
export const secrets = [password, basic, basic.slice(0, 12), apiKey, apiKey.slice(0, 12)];
export const echo = `password ${password}, Authorization: Basic ${basic}, authorization=[ApiKey ${apiKey}]`;

export const at = (offset: number, changes: object = {}) => connectorRecord({ topic: 'orders', partition: 0, offset, ...changes });
export const records = (count: number) => Array.from({ length: count }, (_, offset) => at(offset));
export const id = (offset: number) => `orders+0+${offset}`;

export interface BulkOperation {
  readonly action: string;
  readonly index: string;
  readonly id: string;
  readonly document: string | undefined;
}

export interface Item {
  readonly status: number;
  readonly result?: string;
  readonly failure_store?: string;
  readonly error?: object;
}

export function isBulk({ path }: SeenRequest): boolean {
  return /\/_bulk(\?|$)/.test(path);
}

export function operationsOf({ body }: SeenRequest): BulkOperation[] {
  const lines = body.split('\n').slice(0, -1);
  const operations: BulkOperation[] = [];
  while (lines.length > 0) {
    const [[action, meta] = ['', {}]] = Object.entries(JSON.parse(lines.shift() ?? '') as { [action: string]: { [name: string]: string } });
    const { _index: index = '', _id: id = '' } = meta;
    operations.push({ action, index, id, document: action === 'delete' ? undefined : lines.shift() });
  }
  return operations;
}

export const bulkRequests = (server: ScriptedServer) => server.requests.filter(isBulk);
export const idsOf = (request: SeenRequest) => operationsOf(request).map(({ id }) => id);

/** Whether anything was written to the error index, in whatever way. */
export function handedOver(server: ScriptedServer): SeenRequest[] {
  return server.requests.filter(isErrorWrite);
}

export function isErrorWrite(request: SeenRequest): boolean {
  if (request.method !== 'POST' && request.method !== 'PUT') return false;
  return /^\/errors\/_(doc|create|bulk|update)/.test(request.path) || (isBulk(request) && operationsOf(request).some(isForErrors));
}

function isForErrors({ index }: BulkOperation): boolean {
  return index === 'errors';
}

export const ok: Item = { status: 201 };

/** An error as 7.10 words it, at its worst: with the credentials of the request in every text. */
function errorBody(type: string): object {
  const cause = { type: 'json_parse_exception', reason: `Unexpected character: ${echo}` };
  return { root_cause: [{ type, reason: echo }], type, reason: `refused: ${echo}`, caused_by: { ...cause, caused_by: cause } };
}

export const failed = (status: number, type: string): Item => ({ status, error: errorBody(type) });
export const refusal = (status: number, type: string) => json(status, { error: errorBody(type), status });
export const plain =
  (status: number, headers: { readonly [name: string]: string } = {}, body = echo): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** Answers a bulk request operation by operation. */
export function items(judge: (operation: BulkOperation) => Item = () => ok): Answer {
  return (response, request) => {
    const operations = operationsOf(request);
    const judged = operations.map((operation) => ({ operation, item: judge(operation) }));
    const body = {
      took: 1,
      errors: judged.some(({ item }) => item.error),
      items: judged.map(({ operation: { action, index, id }, item }) => ({ [action]: { _index: index, _type: '_doc', _id: id, ...item } })),
    };
    json(200, body)(response, request);
  };
}

/** Elasticsearch 7.10, but for the bulk requests, and for what `other` answers. */
export function elasticsearch(bulk: Answer = items(), other: (request: SeenRequest) => Answer | undefined = () => undefined): Answer {
  return (response, request) => {
    const answer = other(request) ?? (isBulk(request) ? bulk : standard(request));
    answer(response, request);
  };
}

function standard({ method, path }: SeenRequest): Answer {
  const name = path.replace(/\?.*/, '');
  if (name === '/')
    return json(200, { name: 'n', version: { number: '7.10.2', build_flavor: 'default' }, tagline: 'You Know, for Search' });
  if (/^\/_(index_)?template/.test(name)) return json(200, name.startsWith('/_index_template') ? { index_templates: [] } : {});
  if (name.startsWith('/_')) return json(404, { error: { type: 'resource_not_found_exception', reason: 'missing' }, status: 404 });
  if (name.includes('/_update/')) return json(200, { _index: 'i', result: 'noop' });
  if (method === 'PUT' || method === 'POST') return json(200, { acknowledged: true, result: 'created' });
  const [, index = ''] = name.split('/');
  return json(200, { [index]: { aliases: {}, mappings: {}, settings: { index: {} } } });
}

/** One answer after the other; the last one for ever. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let turn = 0;
  return (response, request) => answers[Math.min(turn++, answers.length - 1)]?.(response, request);
}
