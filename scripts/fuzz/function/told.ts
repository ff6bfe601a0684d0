import { type BulkOperation, isObject } from './bulk-body.ts';

/** What a server may have told of operations: the numbers of their records, each once. */
export class Told {
  readonly written = new Set<number>();
  readonly deleted = new Set<number>();
  readonly unchanged = new Set<number>();
  readonly dropped = new Set<number>();
  /** Of the error index. */
  readonly handedOver = new Set<number>();

  /** Adds what the text of a response with a status 2xx tells of each operation, by its place alone. */
  add(text: string, operations: readonly BulkOperation[], errorIndex: string | undefined): void {
    const items = itemsIn(text);
    if (items?.length !== operations.length) return;
    for (const [number, operation] of operations.entries()) this.#addOne(operation, items[number], errorIndex);
  }

  #addOne(operation: BulkOperation, item: unknown, errorIndex: string | undefined): void {
    const record = recordOf(operation);
    const result = resultOf(item, operation.action);
    if (record === undefined || !isObject(result) || typeof result.status !== 'number') return;
    const isOfErrors = operation.index === errorIndex;
    if (result.status >= 200 && result.status < 300) {
      if (result.failure_store !== 'used' || operation.action === 'delete') this.#taken(operation, isOfErrors, result).add(record);
    } else if (!isOfErrors && isThere(operation, result.status)) this.unchanged.add(record);
  }

  #taken({ action }: BulkOperation, isOfErrors: boolean, { result }: Readonly<Record<string, unknown>>): Set<number> {
    if (isOfErrors) return this.handedOver;
    if (action === 'delete') return this.deleted;
    return result === 'noop' && action !== 'update' ? this.dropped : this.written;
  }
}

/** Whether a status says that an operation has nothing to do. */
function isThere({ action }: BulkOperation, status: number): boolean {
  return status === 409 || (action === 'delete' && status === 404);
}

function itemsIn(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isObject(parsed) && Array.isArray(parsed.items) ? parsed.items : undefined;
  } catch {
    return undefined;
  }
}

/** Where a pipeline runs, an upsert's is an `index`. */
function resultOf(item: unknown, action: string): unknown {
  if (!isObject(item)) return undefined;
  return item[action] ?? (action === 'update' ? item.index : undefined);
}

/** The number of the record that an operation is of, which stands in its id or its document. */
function recordOf({ document, id = '' }: BulkOperation): number | undefined {
  const [, digits] = /(?:\+|-k)(\d+)$/.exec(id) ?? /\\*"(?:n|offset)\\*":(\d+)/.exec(JSON.stringify(document) ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
}
