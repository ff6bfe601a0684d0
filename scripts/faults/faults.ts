import { setTimeout as sleep } from 'node:timers/promises';
import { order } from '../demo/order.ts';
import type { Fault } from './fault.ts';
import { ofEachThreeBulks, requirePassword } from './proxy.ts';
import type { Testbed } from './testbed.ts';

const settleMs = 500;
const writeLimitMs = 20_000;

const pass = async ({ servers: { proxy } }: Testbed) => {
  proxy.behaviour = () => 'pass';
};

/** Resolves when documents are written whose records nobody can have committed: no invocation gets a response. */
async function writeUncommitted({ index, servers: { proxy } }: Testbed): Promise<void> {
  proxy.behaviour = ofEachThreeBulks(3, 'never-respond');
  // Requests that were there before have their responses by then.
  await sleep(settleMs);
  const before = await index.count();
  const limit = AbortSignal.timeout(writeLimitMs);
  // Where there is nothing to deliver, none comes.
  while (!limit.aborted && (await index.count()) === before) await sleep(100);
}

/** Faults that any connector must survive without anybody's help. */
export const healing: readonly Fault[] = [
  {
    name: 'Elasticsearch is killed (kill -9) and started again',
    inject: ({ servers }) => servers.elasticsearch.server.kill(),
    undo: ({ servers }) => servers.elasticsearch.server.launch(),
  },
  {
    name: 'the broker is killed (kill -9) and started again',
    inject: ({ servers }) => servers.kafka.server.kill(),
    undo: ({ servers }) => servers.kafka.server.launch(),
  },
  {
    name: 'every instance of the function is killed (kill -9), five times',
    inject: async ({ cloud }) => {
      for (let round = 0; round < 5; round++) {
        await cloud.killInstances();
        await sleep(500);
      }
    },
  },
  {
    name: 'the stream is killed before it commits, and started again',
    usesProxy: true,
    inject: async (testbed) => {
      await writeUncommitted(testbed);
      await testbed.cloud.kill();
      await pass(testbed);
    },
    undo: ({ cloud }) => cloud.start(),
    lastsMs: 1000,
  },
  {
    name: 'storm of 429: Elasticsearch refuses two of three bulk requests',
    usesProxy: true,
    inject: async ({ servers: { proxy } }) => {
      proxy.behaviour = ofEachThreeBulks(2, { status: 429, type: 'es_rejected_execution_exception' });
    },
    undo: pass,
  },
  {
    name: 'the response is lost after the documents were written, for two of three bulk requests',
    usesProxy: true,
    inject: async ({ servers: { proxy } }) => {
      proxy.behaviour = ofEachThreeBulks(2, 'lose-response');
    },
    undo: pass,
  },
  {
    name: 'time-out: no response after the documents were written, for two of three bulk requests',
    usesProxy: true,
    settings: { function: { environmentVariables: { ES_REQUEST_TIMEOUT_MS: '1000' } } },
    inject: async ({ servers: { proxy } }) => {
      proxy.behaviour = ofEachThreeBulks(2, 'never-respond');
    },
    undo: pass,
  },
];

const indexBlock = (testbed: Testbed, index: string, blocked: boolean) =>
  testbed.elasticsearch.indices.putSettings({ index, settings: { 'index.blocks.write': blocked } });

/** Without it, orders that come at once give `amount` two types, and Elasticsearch refuses one of them: a fault of its own, below. */
const fields = { amount: { type: 'float' } } as const;

/** Faults that are of a setting, an index or a record, and those that `s` itself could make. */
const others: readonly Fault[] = [
  {
    name: 'everything is delivered twice: the group is set back to the first record',
    inject: async () => undefined,
    undo: async (testbed) => {
      await testbed.caughtUp();
      await testbed.s('pause');
      await testbed.admin.resetOffsets({ groupId: testbed.consumerGroup, topic: testbed.topic.name, earliest: true });
      await testbed.s('resume');
    },
  },
  {
    name: 'the index is made read-only (`index.blocks.write`)',
    inject: async (testbed) => void (await indexBlock(testbed, testbed.index.name, true)),
    undo: async (testbed) => void (await indexBlock(testbed, testbed.index.name, false)),
    remedy: 'the block is taken away',
  },
  {
    name: 'the index is closed',
    inject: async ({ elasticsearch, index }) => void (await elasticsearch.indices.close({ index: index.name })),
    undo: async ({ elasticsearch, index }) => void (await elasticsearch.indices.open({ index: index.name })),
    remedy: 'the index is opened',
  },
  {
    name: 'the index is closed until the trigger gives batches up (`BACKOFF_RETRY`)',
    settings: { trigger: { retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' } } },
    inject: async ({ elasticsearch, index }) => void (await elasticsearch.indices.close({ index: index.name })),
    // Three waits of at most 20 s.
    lastsMs: 75_000,
    undo: async ({ elasticsearch, index }) => void (await elasticsearch.indices.open({ index: index.name })),
    remedy: 'the index is opened, and `s replay` delivers the dead letters',
    recover: (testbed) => testbed.replay(),
  },
  {
    name: 'the index is deleted',
    inject: async ({ elasticsearch, index }) => void (await elasticsearch.indices.delete({ index: index.name })),
    remedy: '`s audit --repair` delivers again what was deleted',
    recover: async (testbed) => (await testbed.audit('--repair')).repaired,
  },
  {
    name: 'the password is changed',
    usesProxy: true,
    inject: async ({ servers: { proxy } }) => {
      proxy.behaviour = requirePassword('second');
    },
    undo: async (testbed) => {
      testbed.password = 'second';
      await testbed.s('deploy');
    },
    remedy: '`s deploy` with the new password',
  },
  {
    name: 'every 50th record does not fit the mapping',
    settings: { document: { shape: 'value' } },
    fields: { amount: { type: 'integer' } },
    value: (number) => (number % 50 === 0 ? JSON.stringify({ order: number, amount: 'many' }) : order(number)),
    inject: async () => undefined,
  },
  {
    // Elasticsearch refuses some of them with 400 (mapper [amount] cannot be changed from type [long] to [float]), and takes them when they are sent again.
    name: 'no mapping: the first records, which come at once, give a field two types',
    settings: { document: { shape: 'value' } },
    inject: async () => undefined,
  },
  {
    name: 'a poison record under `onFailure: continue`',
    settings: { document: { shape: 'value' } },
    fields,
    value: (number, records) => (number === Math.floor(records / 2) ? 'no object' : order(number)),
    inject: async () => undefined,
  },
  {
    name: 'a poison record under `onFailure: stop`',
    settings: { document: { shape: 'value' }, onFailure: 'stop' },
    fields,
    value: (number, records) => (number === Math.floor(records / 2) ? 'no object' : order(number)),
    inject: async (testbed) => void (await testbed.observer.failure('RecordsRejected')),
    undo: async (testbed) => {
      const message = await testbed.observer.failure('RecordsRejected');
      const [position = ''] = message.match(new RegExp(`${testbed.topic.name}\\+\\d+\\+\\d+`)) ?? [];
      await testbed.s('resume', '--skip', position);
    },
    remedy: '`s resume --skip` passes over it',
  },
  {
    name: 'the error index takes nothing, and every 50th record is for it',
    settings: { document: { shape: 'value' }, elasticsearch: { errorIndex: 'faults-errors' } },
    fields,
    value: (number) => (number % 50 === 0 ? 'no object' : order(number)),
    inject: async (testbed) => void (await indexBlock(testbed, 'faults-errors', true)),
    undo: async (testbed) => void (await indexBlock(testbed, 'faults-errors', false)),
    remedy: 'the block is taken away',
  },
  {
    name: 'the error topic is deleted, and later records are for it',
    settings: { document: { shape: 'value' } },
    fields,
    value: (number, records) => (number > records / 2 && number % 50 === 0 ? 'no object' : order(number)),
    inject: (testbed) => testbed.deleteErrorTopic(),
    undo: (testbed) => testbed.s('deploy').then(() => undefined),
    remedy: '`s deploy` makes the topic again',
  },
  {
    name: '`s deploy` of a change (memory, batch size) in mid-delivery',
    inject: (testbed) => testbed.redeploy({ function: { memorySize: 640 }, trigger: { batchWindow: { CountBasedWindow: 500 } } }),
  },
  {
    name: 'a move from Function Compute 2.0 to 3.0 in mid-delivery',
    inject: (testbed) => testbed.redeploy({ function: { api: '3.0' } }),
  },
];

export const faults: readonly Fault[] = [...healing, ...others];
