import fc from 'fast-check';

/** What stands in keys, values and secrets, and may be told by nobody. */
export const canary = 'cAnArY7f3e';

/** Pieces that end lines, texts, objects, escapes or terminals' modes somewhere, or mean something to JSON, HTTP or Elasticsearch. */
const pieces = fc.constantFrom(
  ...[
    '\n',
    '\r\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\0',
    '\x1b[2J',
    '\x9b31m',
    '\x7f',
    '\b',
    '\t',
    '\u202e',
    '\ufeff',
    '\ufffd',
    '\ud800',
    '\udc00',
  ],
  ...['"', '\\', '\\"', '\\n', '\\u0000', '\\ud800', '{', '}', '[', ']', ',', ':', '{"index":{"_index":"x"}}\n', '"}}\n{"delete":{'],
  ...['__proto__', 'constructor', 'toString', 'kafka', 'kafka.x', '@timestamp', 'null', 'true', '-0', '1e400', '9007199254740993'],
  ...[
    '/',
    '..',
    '../_all',
    '*',
    '?',
    '<',
    '>',
    '|',
    '#',
    '%2f',
    ' ',
    '-',
    '_',
    '+',
    '${topic}',
    '{yyyy}',
    'A',
    'é',
    '杭',
    '😀',
    'x'.repeat(300),
  ],
);

/** Texts of what hurts, alone and between letters. */
export const hostileText = fc
  .array(fc.oneof(pieces, fc.string({ maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 5 })
  .map((parts) => parts.join(''));
