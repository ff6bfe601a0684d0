import { errors, type Transport } from '@elastic/transport';
import { Failure } from '../../../shared/errors.ts';
import type { Operation } from '../map.ts';

/** What became of one operation. */
export type Outcome =
  | { readonly kind: 'written'; readonly operation: Operation }
  | { readonly kind: 'refused'; readonly operation: Operation; readonly status: number; readonly type: string };

/** One item of the answer, under the name of its action: `{"index": {"status": 201}}`, filtered as `answerFields` asks. */
interface Item {
  readonly index: { readonly status: number; readonly error?: { readonly type: string } };
}

/** The least that tells each operation's outcome: a fraction of the whole answer to send and to parse. */
const answerFields = 'items.*.status,items.*.error.type';

/** Sends all operations in one bulk request; throws `ElasticsearchUnavailable` when the answer does not tell the outcome of every one. */
export async function bulk(transport: Transport, operations: readonly Operation[]): Promise<Outcome[]> {
  if (operations.length === 0) return [];
  const answer = await send(transport, encode(operations));
  return pair(operations, readItems(answer));
}

const lineFeed = Buffer.from('\n');

/** A bulk body: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/docs-bulk.html */
function encode(operations: readonly Operation[]): Buffer {
  const lines = operations.flatMap(({ index, id, document }) => {
    const action = { index: { _index: index, _id: id } };
    return [Buffer.from(`${JSON.stringify(action)}\n`), document, lineFeed];
  });
  return Buffer.concat(lines);
}

async function send(transport: Transport, body: Buffer): Promise<unknown> {
  try {
    return await transport.request({ method: 'POST', path: '/_bulk', querystring: { filter_path: answerFields }, bulkBody: body });
  } catch (error) {
    if (error instanceof errors.ElasticsearchClientError)
      throw new Failure('ElasticsearchUnavailable', `the bulk request failed: ${reason(error)}`);
    throw error;
  }
}

/** An error's kind and status; never its body: up to 7.13 that may quote the request's credentials. */
function reason(error: errors.ElasticsearchClientError): string {
  if (error instanceof errors.ResponseError) return `the server answered with status ${error.statusCode}`;
  return error instanceof errors.DeserializationError ? 'the answer is not JSON' : `${error.name}, ${error.message}`;
}

function readItems(answer: unknown): readonly Item[] {
  const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : undefined;
  if (!Array.isArray(items)) throw new Failure('ElasticsearchUnavailable', 'the answer to the bulk request holds no list of items');
  return items.map(readItem);
}

function readItem(item: unknown): Item {
  const result = typeof item === 'object' && item !== null && 'index' in item ? item.index : undefined;
  const isResult = typeof result === 'object' && result !== null && 'status' in result && typeof result.status === 'number';
  if (!isResult) throw new Failure('ElasticsearchUnavailable', 'an item of the answer to the bulk request holds no status');
  return item as Item;
}

/** Elasticsearch answers in the order of the operations, without names: an answer of another length pairs with nothing. */
function pair(operations: readonly Operation[], items: readonly Item[]): Outcome[] {
  if (items.length !== operations.length) {
    throw new Failure(
      'ElasticsearchUnavailable',
      `the bulk request held ${operations.length} operations, the answer ${items.length} items`,
    );
  }
  return operations.map((operation, number) => outcome(operation, items[number]?.index));
}

function outcome(operation: Operation, result: Item['index'] | undefined): Outcome {
  if (result?.status === 200 || result?.status === 201) return { kind: 'written', operation };
  return { kind: 'refused', operation, status: result?.status ?? 0, type: result?.error?.type ?? 'unknown' };
}
