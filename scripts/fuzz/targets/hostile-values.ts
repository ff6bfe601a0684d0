import fc from 'fast-check';
import { canary } from '../hostile-text.ts';

/** What would be there if a name or a text had been taken for a path or a command. */
export const escapeFile = '/tmp/fuzz-escape';

/** Names that mean something to who takes them for more than names. */
export const hostileNames: readonly string[] = [
  `password:${canary}`,
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '..',
  '.',
  `../../../../../../../..${escapeFile}`,
  '%2e%2e%2f%2e%2e%2f',
  '%',
  '%zz',
  '%ff',
  'a/b',
  'a\\b',
  'a\0b',
  'a\r\nx-injected: 1',
  '\x1b]52;c;ZXZpbA==\x07',
  '\u202e\u200b\ufeff',
  '${env("AccessKeySecret")}',
  '<%= process.env.ES_PASSWORD %>',
  '{{x}}',
  `$(touch ${escapeFile})`,
  '-1',
  '0',
  '1e999',
  '9007199254740993',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  ' ',
  '-',
  '*',
  '((((((((((',
  'not not not',
  '"',
  'x'.repeat(300),
  '中文-é-😀',
];

/** A name of that list, or any text. */
export const crookedName: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileNames) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** Values in place of others: of another type, of another size, with methods that are none. */
const crookedValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: crookedName },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -1,
      1,
      1.5,
      1e308,
      2 ** 53,
      '',
      [],
      {},
      [null],
      [[]],
      { toString: 1 },
      { valueOf: null },
      { length: -1 },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(10_000), '\x1b[31m'.repeat(100), '😀'.repeat(1000)) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

export const anyJson: fc.Arbitrary<unknown> = fc.jsonValue();

/** How deep what is nested deep is nested. */
const deep = 20_000;

/** The value as JSON, with one of its parts replaced, left out, added, or nested deep. */
export function mutated(value: object): fc.Arbitrary<string> {
  const nested = `${'['.repeat(deep)}${']'.repeat(deep)}`;
  return mutatedValue(value).map((changed) => (JSON.stringify(changed) ?? '').replace(JSON.stringify(mark), nested));
}

/** The value with one of its parts replaced, left out or added; `mark` stands for what `mutated` nests deep. */
function mutatedValue(value: object): fc.Arbitrary<unknown> {
  const change = fc.oneof(
    { weight: 1, arbitrary: fc.constant((part: unknown) => part) },
    { weight: 5, arbitrary: crookedValue.map((other) => () => other) },
    { weight: 2, arbitrary: fc.constant(() => undefined) },
    { weight: 1, arbitrary: fc.constant(() => mark) },
    {
      weight: 3,
      arbitrary: fc.tuple(crookedName, crookedValue).map(
        ([name, other]) =>
          (part: unknown) =>
            withEntry(part, name, other),
      ),
    },
  );
  return fc.tuple(fc.constantFrom(...pathsIn(value, [])), change).map(([path, apply]) => changed(value, path, apply));
}

const mark = 'nested-deep-here';

/** Every part of a value, by the names that lead to it. */
function pathsIn(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => pathsIn(part, [...path, name]))];
}

/** A copy of the value in which the part at the path is another; undefined leaves it out. */
function changed(value: unknown, [name, ...rest]: readonly string[], change: (part: unknown) => unknown): unknown {
  if (name === undefined) return change(value);
  if (Array.isArray(value)) return value.map((part, number) => (String(number) === name ? changed(part, rest, change) : part));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([one, part]) => [one, one === name ? changed(part, rest, change) : part]));
}

function withEntry(value: unknown, name: string, entry: unknown): unknown {
  if (Array.isArray(value)) return [...value, entry];
  // `__proto__`, too, becomes a property of its own.
  return typeof value === 'object' && value !== null ? Object.fromEntries([...Object.entries(value), [name, entry]]) : entry;
}
