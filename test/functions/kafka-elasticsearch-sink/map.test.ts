import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { decode, isCommand } from '../../../functions/kafka-elasticsearch-sink/decode.ts';
import { Batcher } from '../../../functions/kafka-elasticsearch-sink/elasticsearch/batch.ts';
import { Mapper } from '../../../functions/kafka-elasticsearch-sink/map.ts';
import type { MappedOperation, Operation, Rejected } from '../../../functions/kafka-elasticsearch-sink/operation.ts';
import type { Element } from '../../../functions/kafka-elasticsearch-sink/record.ts';
import { readSettings } from '../../../shared/settings.ts';
import { environment } from '../../support/function/environment.ts';
import { cloudEvent, connectorRecord, eventOf } from '../../support/function/records.ts';

type Changes = Parameters<typeof environment>[0];

function elementsOf(event: string | Buffer): Element[] {
  const decoded = decode(Buffer.from(event));
  if (isCommand(decoded)) throw new Error('a command');
  return decoded;
}

function elementOf(record: unknown): Element {
  const [element] = elementsOf(eventOf(record));
  if (!element) throw new Error('no record');
  return element;
}

/** The lines of the bulk body, or the type of the rejection. */
function mapped(record: unknown, changes: Changes = {}): string[] | string {
  return linesOf(elementOf(record), changes);
}

function linesOf(element: Element, changes: Changes): string[] | string {
  const settings = readSettings(environment(changes));
  const result = new Mapper(settings).map(element);
  if (result.kind === 'rejected') return result.type;
  if (result.kind === 'skipped') return `skipped by ${result.by}`;
  const batcher = new Batcher(settings, 0);
  batcher.add(result);
  const body = batcher
    .finish()
    .map((batch) => batch.body)
    .join('');
  expect(body.endsWith('\n')).toBe(true);
  return body.slice(0, -1).split('\n');
}

const data = { topic: 'orders', partition: 2, offset: 7, timestamp: 1616599282417 };
const value = { DOCUMENT_SHAPE: 'value' };
const withMetadata = { DOCUMENT_SHAPE: 'value-with-metadata' };
const byKey = { DOCUMENT_ID: 'key' };
const object = connectorRecord({ value: '{"a": 1.0}' });
const kafka = '"kafka":{"topic":"orders","partition":2,"offset":7,"timestamp":1616599282417,"key":"demo"}';
const loneSurrogates = fc.array(fc.integer({ min: 0xd7ff, max: 0xe000 }), { minLength: 1 }).map((codes) => String.fromCharCode(...codes));
const plainAction = '{"index":{"_index":"elastic_test","_id":"orders+2+7"}}';

test.each<[string, object, Changes, string[]]>([
  ['envelope, connector', connectorRecord(), {}, [plainAction, `{"msg_body":${JSON.stringify(connectorRecord())},"doc_as_upsert":true}`]],
  [
    'envelope, trigger',
    cloudEvent({ ...data, key: 'demo', value: '杭"州' }),
    {},
    [
      plainAction,
      '{"msg_body":{"key":"demo","offset":7,"overflowFlag":false,"partition":2,"timestamp":1616599282417,"topic":"orders","value":"杭\\"州","valueSize":3},"doc_as_upsert":true}',
    ],
  ],
  [
    'envelope, trigger, nothing there',
    { topic: 'orders', partition: 2, offset: 7 },
    {},
    [plainAction, '{"msg_body":{"offset":7,"overflowFlag":false,"partition":2,"topic":"orders","valueSize":0},"doc_as_upsert":true}'],
  ],
  ['value', object, value, [plainAction, '{"a": 1.0}']],
  ['value on several lines', connectorRecord({ value: '{\r\n"a":\n"\\n"}' }), value, [plainAction, '{  "a": "\\n"}']],
  ['value with metadata', object, withMetadata, [plainAction, `{"a": 1.0,${kafka}}`]],
  ['empty value with metadata', connectorRecord({ value: ' {\t} ' }), withMetadata, [plainAction, ` {\t${kafka}}`]],
  [
    'value with metadata and headers',
    cloudEvent({ ...data, headers: { headers: [1.5], isReadOnly: false }, value: '{}' }),
    withMetadata,
    [
      plainAction,
      '{"kafka":{"topic":"orders","partition":2,"offset":7,"timestamp":1616599282417,"headers":{"headers":[1.5],"isReadOnly":false}}}',
    ],
  ],
  [
    'create adds the time',
    object,
    { ...value, WRITE_MODE: 'create' },
    ['{"create":{"_index":"elastic_test","_id":"orders+2+7"}}', '{"a": 1.0,"@timestamp":"2021-03-24T15:21:22.417Z"}'],
  ],
  [
    'create keeps a time that is there',
    connectorRecord({ value: '{"@timestamp":1}' }),
    { ...value, WRITE_MODE: 'create' },
    ['{"create":{"_index":"elastic_test","_id":"orders+2+7"}}', '{"@timestamp":1}'],
  ],
  [
    'upsert',
    object,
    { ...value, WRITE_MODE: 'upsert' },
    ['{"update":{"_index":"elastic_test","_id":"orders+2+7","retry_on_conflict":3}}', '{"doc":{"a": 1.0},"doc_as_upsert":true}'],
  ],
  [
    'a key as id',
    object,
    { ...value, ...byKey },
    ['{"index":{"_index":"elastic_test","_id":"demo","version":7,"version_type":"external"}}', '{"a": 1.0}'],
  ],
  [
    'a key as id, without version',
    object,
    { ...value, ...byKey, DOCUMENT_VERSION: 'none' },
    ['{"index":{"_index":"elastic_test","_id":"demo"}}', '{"a": 1.0}'],
  ],
  ['an id of the server', object, { ...value, DOCUMENT_ID: 'auto' }, ['{"index":{"_index":"elastic_test"}}', '{"a": 1.0}']],
  [
    'a prefix',
    object,
    { ...value, DOCUMENT_ID_PREFIX: 'b/"' },
    ['{"index":{"_index":"elastic_test","_id":"b/\\"orders+2+7"}}', '{"a": 1.0}'],
  ],
  [
    'routing',
    object,
    { ...value, ES_ROUTING: 'key' },
    ['{"index":{"_index":"elastic_test","_id":"orders+2+7","routing":"demo"}}', '{"a": 1.0}'],
  ],
  [
    'routing without key',
    connectorRecord({ key: null, value: '{}' }),
    { ...value, ES_ROUTING: 'key' },
    ['{"index":{"_index":"elastic_test","_id":"orders+2+7"}}', '{}'],
  ],
  [
    'a null value deletes',
    connectorRecord({ value: null }),
    { ...byKey, NULL_VALUE: 'delete', ES_ROUTING: 'key' },
    ['{"delete":{"_index":"elastic_test","_id":"demo","routing":"demo","version":7,"version_type":"external"}}'],
  ],
  [
    'topic and date in the index',
    connectorRecord({ topic: 'Orders', value: '{}' }),
    { ...value, ES_INDEX: '${topic}-x-{yyyy.MM.dd-HH}' },
    ['{"index":{"_index":"orders-x-2021.03.24-15","_id":"Orders+2+7"}}', '{}'],
  ],
])('the lines of an operation: %s', (_, record, changes, lines) => {
  expect(mapped(record, changes)).toEqual(lines);
});

test.each<[string, unknown, Changes, string]>([
  ['no object', 1, {}, 'bad_element'],
  ['overflow', connectorRecord({ overflowFlag: true }), {}, 'value_not_in_event'],
  ['overflow comes before a null value', connectorRecord({ overflowFlag: true }), { NULL_VALUE: 'skip' }, 'value_not_in_event'],
  ['a null value', connectorRecord({ value: null }), value, 'null_value'],
  ['a null value to be skipped', connectorRecord({ value: null }), { NULL_VALUE: 'skip' }, 'skipped by null-value'],
  ['a position to be skipped', connectorRecord(), { SKIP_POSITIONS: 'a+0+0, orders+2+7' }, 'skipped by position'],
  ['an empty value is a value', connectorRecord({ value: '' }), { ...value, NULL_VALUE: 'skip' }, 'value_not_an_object'],
  ['an array', connectorRecord({ value: '[{}]' }), value, 'value_not_an_object'],
  ['two objects', connectorRecord({ value: '{}{}' }), value, 'value_not_an_object'],
  ['a lone number', connectorRecord({ value: '1' }), value, 'value_not_an_object'],
  ['null in a text', connectorRecord({ value: 'null' }), value, 'value_not_an_object'],
  ['a field kafka of its own', connectorRecord({ value: '{"kafka":1}' }), withMetadata, 'field_conflict'],
  ['a field kafka written with escapes', connectorRecord({ value: '{"\\u006bafka":{}}' }), withMetadata, 'field_conflict'],
  ['a field of which Elasticsearch makes kafka', connectorRecord({ value: '{"kafka.topic":"x"}' }), withMetadata, 'field_conflict'],
  ['the same behind others', connectorRecord({ value: '{"a":1,"kafka\\u002eoffset":1,"b":2}' }), withMetadata, 'field_conflict'],
  ['the same in parsed JSON', cloudEvent({ ...data, value: { 'kafka.a.b': 1 } }), withMetadata, 'field_conflict'],
  ['no key', connectorRecord({ key: null }), byKey, 'key_missing'],
  ['an empty key', connectorRecord({ key: '' }), byKey, 'key_missing'],
  ['a key of 513 bytes', connectorRecord({ key: '杭'.repeat(171) }), byKey, 'id_too_long'],
  ['a key that was not UTF-8', connectorRecord({ key: 'a\uFFFD' }), byKey, 'key_not_utf8'],
  ['half a character as key', connectorRecord({ key: '\uD83D' }), byKey, 'key_not_utf8'],
  ['the other half', JSON.stringify(cloudEvent({ ...data, key: 'a\uDE00b', value: '{}' })), byKey, 'key_not_utf8'],
  [
    'a key that was not UTF-8 and would delete',
    connectorRecord({ key: '\uFFFD', value: null }),
    { ...byKey, NULL_VALUE: 'delete' },
    'key_not_utf8',
  ],
  ['a bad element whose position is to be skipped', connectorRecord({ key: 1 }), { SKIP_POSITIONS: 'orders+2+7' }, 'skipped by position'],
  ['a bad element whose position is not known', connectorRecord({ offset: -1 }), { SKIP_POSITIONS: 'orders+2+7' }, 'bad_element'],
  ['a byte order mark alone', connectorRecord({ value: '\uFEFF' }), value, 'value_not_an_object'],
  ['a byte order mark that is not at the beginning', connectorRecord({ value: ' \uFEFF{}' }), value, 'value_not_an_object'],
  ['a name that Elasticsearch refuses', connectorRecord({ topic: '_orders' }), { ES_INDEX: '${topic}' }, 'index_name_invalid'],
  ['a name of 256 bytes', connectorRecord({ topic: 'o'.repeat(255) }), { ES_INDEX: 'a${topic}' }, 'index_name_invalid'],
  ['no timestamp', connectorRecord({ timestamp: undefined }), { ES_INDEX: 'a-{yyyy}' }, 'timestamp_invalid'],
  ['a timestamp before 1970', connectorRecord({ timestamp: -1 }), { ES_INDEX: 'a-{yyyy}' }, 'timestamp_invalid'],
  ['a timestamp with a fraction', connectorRecord({ timestamp: 1.5 }), { ES_INDEX: 'a-{yyyy}' }, 'timestamp_invalid'],
  ['a timestamp after 9999', connectorRecord({ timestamp: 253_402_300_800_000 }), { ES_INDEX: 'a-{yyyy}' }, 'timestamp_invalid'],
])('a record that becomes no operation: %s', (_, record, changes, expected) => {
  expect(mapped(record, changes)).toBe(expected);
});

const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

test.each(['value', 'value-with-metadata'])(
  'in the shape %s, a value is rejected that Elasticsearch would neither take nor refuse',
  (shape) => {
    expect(mapped(connectorRecord({ value: nested(900) }), { DOCUMENT_SHAPE: shape })).toHaveLength(2);
    for (const levels of [901, 20_000, 100_000]) {
      expect(mapped(connectorRecord({ value: nested(levels) }), { DOCUMENT_SHAPE: shape })).toBe('value_too_deep');
    }
    const deep = `{"data":{"topic":"t","partition":0,"offset":1,"value":${nested(20_000)}}}`;
    expect(elementsOf(`[${deep},${JSON.stringify(deep)}]`).map((element) => linesOf(element, { DOCUMENT_SHAPE: shape }))).toEqual([
      'value_too_deep',
      'value_too_deep',
    ]);
  },
);

test.each([
  ['of the value', '{"kafkaesque":1,"a":{"kafka":1,"kafka.b":2},"Kafka":3}'],
  ['of an object without fields', '{}'],
])('fields that do not take the place of the metadata stay: %s', (_, text) => {
  const [, document = ''] = mapped(connectorRecord({ value: text }), withMetadata);
  expect(JSON.parse(document)).toEqual({ ...JSON.parse(text), ...JSON.parse(`{${kafka}}`) });
});

const much = `"much":[${'{"a":1},'.repeat(200_000)}1]`;

test.each<[string, string, Changes, string | null]>([
  ['an object', `{${much}}`, value, null],
  ['an object with white space around it', `\n {${much} }\t`, value, null],
  ['an object after a byte order mark', `\uFEFF{${much}}`, withMetadata, null],
  ['an object with what looks like metadata inside', `{"a":{"kafka":1,${much}}}`, withMetadata, null],
  ['a field kafka', `{${much},"kafka":1}`, withMetadata, 'field_conflict'],
  ['a field that begins with kafka, escaped', `{"\\u006bafka.topic":1,${much}}`, withMetadata, 'field_conflict'],
  ['a deep field', `{${much},"a":${'['.repeat(901)}${']'.repeat(901)}}`, value, 'value_too_deep'],
  ['a field of the greatest depth', `{${much},"a":${'['.repeat(899)}${']'.repeat(899)}}`, value, null],
  ['an object that is cut off', `{${much}`, value, 'value_not_an_object'],
  ['what is no white space in JSON before it', `\u00a0{${much}}`, value, 'value_not_an_object'],
  ['what is no white space in JSON behind it', `{${much}}\uFEFF`, value, 'value_not_an_object'],
  ['two objects', `{${much}}{}`, value, 'value_not_an_object'],
  ['an array', `[{${much}}]`, value, 'value_not_an_object'],
])('a large value is what it would be as a small one: %s', (_, text, changes, type) => {
  const lines = mapped(connectorRecord({ value: text }), changes);
  if (type) expect(lines).toBe(type);
  else expect(Object.keys(JSON.parse(lines[1] ?? ''))).toEqual(expect.arrayContaining(Object.keys(JSON.parse(text.replace('\uFEFF', '')))));
  expect(mapped(cloudEvent({ ...data, value: text }), changes)).toHaveLength(type ? type.length : 2);
});

test('a large value keeps the time that it has', () => {
  const create = { ...value, WRITE_MODE: 'create' };
  expect(mapped(connectorRecord({ value: `{${much},"@timestamp":1}` }), create)[1]).toMatch(/1\],"@timestamp":1\}$/);
  expect(mapped(connectorRecord({ value: `{${much}}` }), create)[1]).toMatch(/1\],"@timestamp":"2021-03-24T15:21:22.417Z"\}$/);
});

test.each([
  ['as bytes', (text: string) => text],
  ['as an escape', (text: string) => text.replaceAll('\uFEFF', '\\ufeff')],
])('a byte order mark before a value is no part of the document, only of the envelope: %s', (_, write) => {
  const element = write(JSON.stringify(connectorRecord({ value: '\uFEFF{"a":1}' })));
  const inEvent = (changes: Changes) => {
    const [record] = elementsOf(`[${element}]`);
    return record && linesOf(record, changes);
  };
  expect(inEvent(value)).toEqual([plainAction, '{"a":1}']);
  expect(inEvent(withMetadata)).toEqual([plainAction, `{"a":1,${kafka}}`]);
  expect(inEvent({})).toEqual([plainAction, `{"msg_body":${element},"doc_as_upsert":true}`]);
});

test('a key is an identity, or is rejected: two of them never become one', () => {
  const key = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }), loneSurrogates);
  fc.assert(
    fc.property(key, (text) => {
      fc.pre(Buffer.byteLength(text) <= 512);
      const lines = mapped(connectorRecord({ key: text }), byKey);
      const isLost = Buffer.from(text).toString() !== text || text.includes('\uFFFD');
      if (isLost) expect(lines).toBe('key_not_utf8');
      else expect(JSON.parse(lines[0] ?? '')).toMatchObject({ index: { _id: text } });
    }),
    { numRuns: 2000 },
  );
});

test('where the key is no identity, one that was not UTF-8 is written', () => {
  const [action = ''] = mapped(connectorRecord({ key: 'a\uFFFD' }), { ES_ROUTING: 'key' });
  expect(JSON.parse(action)).toMatchObject({ index: { _id: 'orders+2+7', routing: 'a\uFFFD' } });
});

test('a key of 512 bytes is an id', () => {
  expect(mapped(connectorRecord({ key: `${'杭'.repeat(170)}ab` }), byKey)).toHaveLength(2);
});

test('no line of a bulk body is anything but ours, whatever the value, the key and the topic hold', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('{"a":1}\n', '\n{"delete":{"_index":"x","_id":"1"}}\n', '{"a":\r\n2}', '\u2028{}', '{"a":"\\n"}', '\r'),
    fc.json(),
  );
  const shapes = fc.constantFrom('envelope', 'value', 'value-with-metadata');
  const wrap = fc.constantFrom<(data: object) => unknown>(connectorRecord, cloudEvent, (data) => data, JSON.stringify);
  fc.assert(
    fc.property(hostile, hostile, shapes, wrap, fc.boolean(), (text, key, shape, format, isJson) => {
      const parsed = isJson && format !== connectorRecord ? { text } : text;
      const lines = mapped(format({ ...data, key, value: parsed }), { DOCUMENT_SHAPE: shape });
      if (typeof lines === 'string') return;
      expect(lines).toHaveLength(2);
      expect(lines[0]).toBe(plainAction);
      expect(lines[1]).not.toContain('\r');
      expect(() => JSON.parse(lines[1] ?? '')).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});

test('an operation is one of four, and only a rejection or a skip is none', () => {
  expectTypeOf<Operation['kind']>().toEqualTypeOf<'index' | 'create' | 'update' | 'delete'>();
  expectTypeOf<Exclude<ReturnType<Mapper['map']>, MappedOperation>['kind']>().toEqualTypeOf<'rejected' | 'skipped'>();
  expectTypeOf<Rejected['element']>().toEqualTypeOf<Element>();
});

/** What would be another target for Elasticsearch: lists, wildcards, exclusions, date math, ways up in a path, its own indices. */
const hostileTopics = fc.oneof(
  fc.constantFrom(
    'a,b',
    '*',
    'a*',
    '-a',
    '+a',
    '_all',
    '_bulk',
    '<a-{now/d}>',
    '..',
    '.',
    '../_bulk',
    'a/b',
    '%2e%2e',
    'a?x=1',
    'a#b',
    '"',
    '\n',
    'a b',
  ),
  fc.constantFrom('.security', '.kibana', '.ds-x-2026.01.01-000001', '.fleet', 'İ', 'A', '\ud800', '\u202e', '\0'),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'.,*-+_<>{}/\\ ?"|:#%aA0'), maxLength: 6 }),
);

test.each(['${topic}', 'logs-${topic}', '${topic}-{yyyy.MM}', 'a${topic}b'])(
  'whatever the topic is called, its records go to a name within %s, or nowhere',
  (ES_INDEX) => {
    const [before = '', after = ''] = ES_INDEX.replace('{yyyy.MM}', '2021.03').split('${topic}');
    fc.assert(
      fc.property(hostileTopics, (topic) => {
        const lines = mapped(connectorRecord({ topic }), { ES_INDEX });
        if (typeof lines === 'string') return;
        const { index }: { index: { _index: string; _id: string } } = JSON.parse(lines[0] ?? '');
        expect(Object.keys(index)).toEqual(['_index', '_id']);
        // One name, which is no expression, and none of Elasticsearch's own, by https://www.elastic.co/guide/en/elasticsearch/reference/7.10/multi-index.html
        expect(index._index).not.toMatch(/[,*?<>/\\\s"|#:{}]|^[-+_.]/);
        expect(index._index).toBe(`${before}${topic.toLowerCase()}${after}`);
      }),
      { numRuns: 3000 },
    );
  },
);

test('a name that begins with a dot is for Elasticsearch itself: a topic gives none, the settings may', () => {
  expect(mapped(connectorRecord({ topic: '.security' }), { ES_INDEX: '${topic}' })).toBe('index_name_invalid');
  expect(mapped(connectorRecord({ topic: '.security' }), { ES_INDEX: '${topic}-{yyyy}' })).toBe('index_name_invalid');
  expect(mapped(connectorRecord({ topic: 'orders' }), { ES_INDEX: '.hidden-${topic}' })).toHaveLength(2);
  expect(mapped(connectorRecord({ topic: '.orders' }), { ES_INDEX: 'logs-${topic}' })).toHaveLength(2);
});

test('two positions never have the same id, whatever their topics are called', () => {
  const topic = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'+0123a?'), minLength: 1, maxLength: 8 }),
    fc.constantFrom('a', 'a+1', 'a+1+2', '+', '1'),
  );
  const position = fc.record({
    topic,
    partition: fc.nat(),
    offset: fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })),
  });
  const mapper = new Mapper(readSettings(environment({ DOCUMENT_ID_PREFIX: 'p+' })));
  const idOf = (of: { topic: string; partition: number; offset: number | bigint }) => mapper.idOf({ position: of, key: undefined });
  fc.assert(
    fc.property(position, (one) => {
      // Partition and offset are digits, so that the last two plus signs part them from the topic: the id is read back as the one position that it was made of.
      const [, readTopic, partition, offset] = /^p\+(.*)\+(\d+)\+(\d+)$/s.exec(String(idOf(one))) ?? [];
      expect([readTopic, partition, offset]).toEqual([one.topic, String(one.partition), String(one.offset)]);
    }),
    { numRuns: 3000 },
  );
  expect(idOf({ topic: 'a+1', partition: 2, offset: 3 })).not.toBe(idOf({ topic: 'a', partition: 1, offset: 23 }));
});

test('where a date is not known, the topic still names nothing but its own indices', () => {
  const mapper = new Mapper(readSettings(environment({ ES_INDEX: '${topic}-{yyyy.MM}' })));
  const indicesOf = (topic: string) => mapper.indicesOf({ position: { topic, partition: 0, offset: 0 }, timestamp: undefined });
  for (const topic of ['-a', 'a,b', '*', '.security', '_all', '<a>', 'a/b'])
    expect(indicesOf(topic)).toEqual({ refusal: 'index_name_invalid' });
  expect(indicesOf('Orders')).toBe('orders-*');
});
