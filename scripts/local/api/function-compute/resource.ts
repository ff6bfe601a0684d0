import { createHash } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, header, isObject, type JsonObject, jsonBody } from '../http.ts';

/** Names of services (128), functions (64) and triggers (128): https://alibabacloud.com/help/en/fc/developer-reference/api-fc-open-2021-04-06-createservice */
export function checkedName(value: unknown, field: string, longest: number): string {
  const name = typeof value === 'string' ? value : '';
  if (/^[A-Za-z_][\w-]*$/.test(name) && name.length <= longest) return name;
  throw invalid(`${field} '${name}' must be 1 to ${longest} letters, digits, _ or -, and begin with a letter or _`);
}

/** `InvalidArgument`, the code for every bad parameter. */
export function invalid(message: string): CloudError {
  return new CloudError(400, 'InvalidArgument', message);
}

/** The request's JSON object; throws `CloudError`. */
export function bodyOf(request: ApiRequest): JsonObject {
  const body = jsonBody(request);
  if (isObject(body)) return body;
  throw invalid('the request body is not a JSON object');
}

/** An integer of the body within bounds, or the default; throws `CloudError`. */
export function integerAt(body: JsonObject, field: string, otherwise: number, least: number, most: number): number {
  const value = body[field] ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${field} ${JSON.stringify(value)} must be an integer from ${least} to ${most}`);
}

/** The resource with its ETag, which changes whenever the resource does. */
export function tagged(resource: object): ApiResponse {
  return { status: 200, headers: { etag: etag(resource) }, body: resource };
}

/** Throws `CloudError` when the client has seen an older state of the resource. */
export function checkMatch(request: ApiRequest, resource: object): void {
  const match = header(request, 'if-match');
  if (match === '' || match === etag(resource)) return;
  throw new CloudError(412, 'PreconditionFailed', 'the resource being modified has been changed');
}

/** One page of a list: by `limit` (20, at most 100), `prefix`, and `nextToken` or `startKey`, which are names. */
export function listed<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  query: URLSearchParams,
): { rows: Row[]; nextToken?: string } {
  const prefix = query.get('prefix') ?? '';
  const start = query.get('nextToken') ?? query.get('startKey') ?? '';
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid('limit must be from 1 to 100');
  const sorted = rows
    .filter((row) => nameOf(row).startsWith(prefix) && nameOf(row) >= start)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const next = sorted[limit];
  return { rows: sorted.slice(0, limit), ...(next !== undefined && { nextToken: nameOf(next) }) };
}

function etag(resource: object): string {
  return createHash('md5').update(JSON.stringify(resource)).digest('hex');
}
