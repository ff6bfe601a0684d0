import { type Behaviour, behaviour, component, same, tests, unit } from './behaviour.ts';

/** Cases that the tests of none of the projects have. */
export const ownCases: readonly Behaviour[] = [
  same(
    'one item with 429',
    'one operation of a batch is refused for now, and written by the next try, on a real server',
    behaviour('retriable.faults', 'operations that a full queue refuses (item 429) are sent again until each is there once'),
  ),
  same(
    '413',
    'a request that is too large is split; a record that is too large alone is rejected, on a real server',
    behaviour(
      'split.faults',
      'requests over the limit of the server (413) are split until they fit',
      'a record that is too large alone is rejected, the others are written, and it is handed over without its value',
    ),
  ),
  same(
    'mixed batch',
    'written, deleted, stale, refused, keyless and busy records in one batch, and all are accounted for',
    behaviour('retriable', 'a written, a deleted, a stale, a refused, a keyless and a busy record in one batch: each has its own outcome'),
  ),
  same(
    'tombstone without key',
    'a record with neither key nor value is accounted for',
    behaviour('null-value.servers', 'a record with neither key nor value deletes nothing, and is a rejected record, alone'),
  ),
  same(
    'number beyond 2^53',
    'digits arrive as they were sent, in documents and in ids',
    behaviour('document-shape.servers', 'a value in the shape %s keeps its digits in all formats'),
    behaviour('event-formats.servers', 'offsets beyond 2^53 keep their digits in all formats, also in ids'),
  ),
  same(
    'same key twice in one batch',
    'records of one key in one batch, over several requests, of which some fail: the last decides',
    behaviour('retriable', 'whatever is sent again, a document ends as its last record says'),
    behaviour('retriable.faults', 'where a full queue refuses some of the operations on one document, its last record still wins'),
    unit('elasticsearch/bulk', 'the last record of a key wins, whatever fails on the way'),
  ),
  same(
    'kill in mid-delivery',
    'function, Elasticsearch, broker or stream is killed in mid-delivery, and the sets of records are compared',
    tests(
      'scripts/local/connector.faults.test',
      'kill -9 of Elasticsearch in mid-delivery: the function waits for its restart, and every record is there once',
      'kill -9 of the function in mid-delivery: a new instance delivers the batch again, and every record is there once',
    ),
    tests(
      'scripts/local/stream/stream.faults.test',
      'kill -9 of the broker and its restart: the stream goes on, and every record is delivered',
      'kill -9 of the stream before it commits: the next one delivers the batch again',
    ),
  ),
  same(
    'loss and doubling',
    'a loss and a doubling that are made on purpose are found, and the loss is repaired',
    component('commands/audit-replay.servers.test', 'a loss is found, and repaired after a yes; a doubling is found'),
  ),
];
