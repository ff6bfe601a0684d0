/** Texts with which whoever names or writes something would drive the terminal of who reads it. */
export const hostileTexts: readonly string[] = [
  '\x1b[2J\x1b[H\x1b[31mred',
  '\x1b]52;c;ZXZpbA==\x07clipboard',
  '\x1b]0;title\x1b\\',
  '\x1b]8;;http://127.0.0.1/\x1b\\link\x1b]8;;\x1b\\',
  '\x9b31m, \x9d52;c;ZXZpbA==\x9c',
  'failed\rpassed',
  'failed\b\b\b\b\b\bpassed',
  'bell\x07, null\0, delete\x7f, escape\x1bc',
  'right \u202eto left\u202c, \u2066isolated\u2069, \u200fmark',
  'with\u200bout\u200d width\ufeff\u2060\u00ad',
  'tag \u{e0041}\u{e007f}',
  'next\u2028line\u2029, \x85',
];

/** What none of them may bring to a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for, by their codes, as a second opinion
export const obeyed = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0001}-\u{e007f}]/u;
