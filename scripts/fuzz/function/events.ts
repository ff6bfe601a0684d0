import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { canary, hostileText } from '../hostile-text.ts';

const space = fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t');
const numbers = fc.constantFrom(
  '0',
  '-0',
  '7',
  '1.0',
  '1E-5',
  '1e400',
  '-1',
  '9007199254740993',
  '9223372036854775808',
  '123456789'.repeat(30),
);
const escapes = fc.constantFrom(
  '\\ud800',
  '\\udc00\\ud800',
  '\\u0000',
  '\\ufffd',
  '\\/',
  '\\n',
  '\\"',
  '\\\\',
  '\\u2028',
  '\\u000d\\u000a',
);

/** A JSON text: as it is usually written, or with escapes that few write. */
const quoted = fc.oneof(
  hostileText.map((text) => JSON.stringify(text)),
  fc
    .array(fc.oneof(escapes, fc.constantFrom('a', 'é', '\u2028', '\ufeff', '\ufffd')), { maxLength: 4 })
    .map((parts) => `"${parts.join('')}"`),
);
const scalar = fc.oneof(quoted, numbers, fc.constantFrom('null', 'true', 'false'));
const names = fc.oneof(
  fc.constantFrom('"a"', '"__proto__"', '"kafka"', '"kafka.x"', '"@timestamp"', '"constructor"', '"a\\u0000"'),
  quoted,
);
const depths = fc.constantFrom(10, 899, 900, 901, 3000);
const deep = fc
  .tuple(depths, fc.constantFrom(['[', ']'], ['{"a":', '}']))
  .map(([depth, [open = '', close = '']]) => `${open.repeat(depth)}1${close.repeat(depth)}`);

/** JSON as source text, so that it has duplicate names, digits, white space and escapes of its own. */
const json = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), tie('array')),
  object: fc
    .array(fc.tuple(names, tie('value'), space), { maxLength: 4 })
    .map((members) => `{${members.map(([name, value, gap]) => `${gap}${name}${gap}:${gap}${value}`).join(',')}}`),
  array: fc.array(fc.tuple(space, tie('value')), { maxLength: 3 }).map((items) => `[${items.map((item) => item.join('')).join(',')}]`),
}));

const marked = fc.constant(`{"id":1,"text":"${canary}"}`);
const documentText = fc.oneof(
  { weight: 4, arbitrary: marked },
  { weight: 3, arbitrary: json.object },
  hostileText.map((text) => `${text}${canary}`),
  deep,
);
const valueJson = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom('', '', '\ufeff', ' '), documentText).map((parts) => JSON.stringify(parts.join(''))) },
  { weight: 2, arbitrary: json.value },
  quoted,
  deep,
);
const plainTopic = fc.constantFrom('"orders"', '"orders"', '"Logs.B_2-x"');
const topicJson = fc.oneof({ weight: 4, arbitrary: plainTopic }, quoted, fc.constantFrom('""', 'null', '7', `"${'t'.repeat(600)}"`));
const offsetJson = fc.oneof({ weight: 4, arbitrary: fc.nat(1000).map(String) }, numbers, fc.constant('"7"'));
const timestampJson = fc.oneof(
  { weight: 4, arbitrary: fc.constant('1616599282417') },
  fc.constantFrom('0', '-1', '253402300800000', '"x"', '1.5', '1e400', 'null', '{}'),
);
const keyJson = fc.oneof(
  { weight: 3, arbitrary: fc.nat(9).map((key) => `"${canary}-${key}"`) },
  quoted,
  fc.constantFrom('null', '7', '""', `"${'k'.repeat(600)}"`),
);
const member = (name: string, value: fc.Arbitrary<string>) => value.map((text) => `"${name}":${text}`);
const position = [member('topic', topicJson), member('partition', offsetJson), member('offset', offsetJson)];
const payload = [member('timestamp', timestampJson), member('key', keyJson), member('value', valueJson), member('headers', json.value)];
const connectorOnly = [member('overflowFlag', fc.constantFrom('false', 'false', 'true', '0')), member('valueSize', numbers)];

/** Members as an object: mostly all of them, in any order, at times one twice. */
function objectOf(members: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.tuple(...members), fc.array(fc.oneof(...members), { maxLength: 1 }), space)
    .chain(([all, more, gap]) =>
      fc
        .shuffledSubarray([...all, ...more], { minLength: Math.max(0, all.length - 1) })
        .map((some) => `{${gap}${some.join(`,${gap}`)}${gap}}`),
    );
}

const data = objectOf([...position, ...payload]);
const cloudEvent = data.map((text) => `{"specversion":"1.0","id":"8e215af8","type":"alikafka:Topic:Message","data":${text}}`);
const element = fc.oneof(
  { weight: 4, arbitrary: objectOf([...position, ...payload, ...connectorOnly]) },
  { weight: 2, arbitrary: cloudEvent },
  { weight: 2, arbitrary: fc.oneof(cloudEvent, data).map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: data },
  json.value,
);
const array = fc
  .array(fc.tuple(space, element, space), { maxLength: 6 })
  .map((items) => `[${items.map((item) => item.join('')).join(',')}]`);

const folder = new URL('../../../test/events/', import.meta.url);
const valid = readdirSync(folder).map((file) => readFileSync(new URL(file, folder)));

type Mutation = (bytes: Buffer) => Buffer;
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some)),
  hostileText.map((text) => Buffer.from(text)),
);
const mutation: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(), fc.nat(40), bytes).map(([at, length, inserted]) => (event) => {
  const start = at % (event.length + 1);
  return Buffer.concat([event.subarray(0, start), inserted, event.subarray(start + length)]);
});
const mutated = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...valid),
      array.map((text) => Buffer.from(text)),
    ),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
  )
  .map(([event, mutations]) => withoutMarkedTopic(mutations.reduce<Buffer>((changed, mutate) => mutate(changed), event)));

const markedTopic = new RegExp(`topic\\\\*"\\s*:\\s*\\\\*"[^"]*${canary}`);

/** What was cut out may have joined a key to the topic, which is told. */
function withoutMarkedTopic(event: Buffer): Buffer {
  const text = event.toString('latin1');
  return markedTopic.test(text) ? Buffer.from(text.replaceAll(canary, 'unmarked'), 'latin1') : event;
}

/** Events: arrays of records in all formats, each member hostile at times; mutations of valid ones; and bytes. */
export const events: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 12, arbitrary: array.map((text) => Buffer.from(text)) },
    { weight: 6, arbitrary: mutated },
    json.value.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some)),
  )
  .map(withSource);

/** Bytes that a case shows as text. */
function withSource(event: Buffer): Buffer {
  const source = () => `Buffer.from(${JSON.stringify(event.toString('latin1'))}, 'latin1')`;
  return Object.assign(event, { [fc.toStringMethod]: source });
}
