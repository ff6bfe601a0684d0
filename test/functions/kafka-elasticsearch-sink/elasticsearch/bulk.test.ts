import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadline } from '../../../../functions/kafka-elasticsearch-sink/clock.ts';
import { decode, isCommand } from '../../../../functions/kafka-elasticsearch-sink/decode.ts';
import type { Batch } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/batch.ts';
import { BulkWriter } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/bulk.ts';
import { NoResponse, type Request, type Response } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { RecentWrites } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/recent-writes.ts';
import { Mapper } from '../../../../functions/kafka-elasticsearch-sink/map.ts';
import { mapIntoBatches } from '../../../../functions/kafka-elasticsearch-sink/pipeline.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { environment } from '../../../support/function/environment.ts';
import { connectorRecord, eventOf } from '../../../support/function/records.ts';

type Fault = 'none' | '429' | '503' | '413' | 'lost before' | 'lost after' | 'not its answer';

interface Script {
  /** What happens to each request, in turn. */
  readonly requests: readonly Fault[];
  /** Whether each operation, in turn, is answered with 429. */
  readonly items: readonly boolean[];
}

const node = 'http://model';

/** Elasticsearch as a map from ids to values, which fails as the script says and then no more. */
class Model {
  readonly documents = new Map<string, string>();
  readonly #requests: Fault[];
  readonly #items: boolean[];

  constructor({ requests, items }: Script) {
    this.#requests = [...requests];
    this.#items = [...items];
  }

  async send({ body, path }: Request): Promise<Response> {
    if (path !== '/_bulk') return { status: 200, json: { result: 'noop' }, node };
    const lines = String(body).trimEnd().split('\n');
    const fault = this.#requests.shift() ?? 'none';
    if (fault === 'lost before') throw new NoResponse(node, 'reset');
    if (fault === '413' || fault === '429' || fault === '503') return { status: Number(fault), json: undefined, node };
    const items = this.#apply(lines);
    if (fault === 'lost after') throw new NoResponse(node, 'reset');
    return { status: 200, json: fault === 'not its answer' ? { items: items.slice(1) } : { items }, node };
  }

  #apply(lines: string[]): object[] {
    const items: object[] = [];
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
      const [kind = '', action] = Object.entries(JSON.parse(line) as { [kind: string]: { _id: string } })[0] ?? [];
      const source = kind === 'delete' ? undefined : lines.shift();
      const status = this.#items.shift() ? 429 : this.#write(kind, action?._id ?? '', source);
      items.push({ [kind]: { status, ...(status === 429 && { error: { type: 'es_rejected_execution_exception' } }) } });
    }
    return items;
  }

  #write(kind: string, id: string, source: string | undefined): number {
    if (kind === 'delete') return this.documents.delete(id) ? 200 : 404;
    this.documents.set(id, source ?? '');
    return 200;
  }
}

const settings = readSettings(
  environment({
    DOCUMENT_ID: 'key',
    DOCUMENT_SHAPE: 'value',
    DOCUMENT_VERSION: 'none',
    NULL_VALUE: 'delete',
    BATCH_MAX_RECORDS: '5',
    MAX_IN_FLIGHT: '4',
  }),
);

function batchesOf(writes: readonly (readonly [string, number | null])[]): readonly Batch[] {
  const records = writes.map(([key, number], offset) =>
    connectorRecord({ key, offset, value: number === null ? null : `{"n":${number}}` }),
  );
  const decoded = decode(eventOf(...records));
  return mapIntoBatches(isCommand(decoded) ? [] : decoded, new Mapper(settings), settings).batches;
}

test('the last record of a key wins, whatever fails on the way', async () => {
  const write = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.nat(), fc.constant(null)));
  const faults = fc.constantFrom<Fault>('none', '429', '503', '413', 'lost before', 'lost after', 'not its answer');
  const script = fc.record({ requests: fc.array(faults, { maxLength: 12 }), items: fc.array(fc.boolean(), { maxLength: 40 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 30 }), script, async (writes, plan) => {
      // A 413 to an operation alone is that record's own fault, which is another test's subject.
      const alone = plan.requests.includes('413') ? { ...plan, requests: plan.requests.slice(0, plan.requests.indexOf('413') + 1) } : plan;
      const model = new Model(alone);
      const batches = batchesOf(writes);
      const clock = { now: () => 0, sleep: async () => undefined, random: () => 0 };
      const deadline = new Deadline(clock, 60_000, 0);
      const session = { client: model, settings, clock, deadline, handoverDeadline: deadline, log: () => undefined };
      const writer = new BulkWriter(session, {
        recentWrites: new RecentWrites(),
        recreate: async () => undefined,
        requirementOf: () => undefined,
        stopRequiring: () => undefined,
      });
      await writer.write(batches);
      const { written, deleted, unchanged, rejected } = await writer.finish();

      const expected = new Map<string, string>();
      for (const [key, number] of writes) {
        if (number === null) expected.delete(key);
        else expected.set(key, `{"n":${number}}`);
      }
      expect(written + deleted + unchanged + rejected.length).toBe(writes.length);
      if (rejected.length === 0) expect(model.documents).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
});
