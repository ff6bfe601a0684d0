import { echo } from '../function/secrets.ts';
import { json, type Respond, type ScriptedServer, type SeenRequest } from './scripted-server.ts';

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
  (status: number, headers: { readonly [name: string]: string } = {}, body = echo): Respond =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** Responds to a bulk request operation by operation. */
export function items(itemFor: (operation: BulkOperation) => Item = () => ok): Respond {
  return (response, request) => {
    const operations = operationsOf(request);
    const responded = operations.map((operation) => ({ operation, item: itemFor(operation) }));
    const body = {
      took: 1,
      errors: responded.some(({ item }) => item.error),
      items: responded.map(({ operation: { action, index, id }, item }) => ({
        [action]: { _index: index, _type: '_doc', _id: id, ...item },
      })),
    };
    json(200, body)(response, request);
  };
}

/** Elasticsearch 7.10, but for the bulk requests, and for what `other` says. */
export function elasticsearch(bulk: Respond = items(), other: (request: SeenRequest) => Respond | undefined = () => undefined): Respond {
  return (response, request) => {
    const respond = other(request) ?? (isBulk(request) ? bulk : standard(request));
    respond(response, request);
  };
}

function standard({ method, path }: SeenRequest): Respond {
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

/** One response after the other; the last one for ever. */
export function inTurn(...responses: readonly Respond[]): Respond {
  let turn = 0;
  return (response, request) => responses[Math.min(turn++, responses.length - 1)]?.(response, request);
}

/** Takes the request and never responds. */
export const silent: Respond = () => undefined;
export const cut: Respond = (response) => response.destroy();
export const stalled: Respond = (response) =>
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 }).write('{"took":');
/** Responds as something that is not Elasticsearch. */
export const html = (status: number): Respond => plain(status, { 'content-type': 'text/html' }, '<html>not what you want</html>');
/** Responds as Elasticsearch does where what the path names is not found. */
export const notFound = json(404, { error: 'no handler found for uri [/_bulk] and method [POST]' });

/** An item of that status whose error has a reason of the test's own. */
export const reason = (status: number, type: string, text: string): Item => ({ status, error: { type, reason: text } });

export const holds = (text: string) => (request: SeenRequest) => request.body.includes(text);

/** Responds so to the bulk requests that pass, and to all others as Elasticsearch does. */
export const where =
  (applies: (request: SeenRequest) => boolean, respond: Respond): Respond =>
  (response, request) =>
    (applies(request) ? respond : items())(response, request);
