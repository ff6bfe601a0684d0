import { randomBytes } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { escapeFile } from './hostile-values.ts';

/** A plain archive first, and then such as nobody should unpack; base64. */
export const crookedArchives: readonly string[] = [
  zip({ 'index.js': '' }),
  ...[
    '../escape.js',
    `../../../../../../../..${escapeFile}`,
    escapeFile,
    '..\\escape.js',
    'a/../../escape.js',
    './././x',
    '',
    '.',
    '..',
    '/',
    'a\0b',
    'x'.repeat(300),
    `${'d/'.repeat(3000)}x`,
    '\x1b[31m.js',
    'C:/x',
  ].map((name) => zip({ [`${name}`]: 'x' })),
  zip({ a: 'file', 'a/b': 'under it' }),
  zip({ 'a/': '', a: 'x' }),
  patched({ 'index.js': 'x'.repeat(100) }, 24, 0xffff_ffff),
  patched({ 'index.js': 'x'.repeat(100) }, 24, 1),
  patched({ 'index.js': 'x'.repeat(100) }, 20, 0xffff_ffff),
  patched({ 'index.js': 'x'.repeat(100) }, 42, 0xffff_fff0),
  patched({ 'index.js': 'x'.repeat(100) }, 28, 0xffff),
  patched({ link: '/etc/passwd' }, 38, 0xa1ff_0000),
  bomb(),
  Buffer.from(zip({ 'index.js': 'x' }), 'base64')
    .subarray(0, -5)
    .toString('base64'),
  Buffer.from('PK\x05\x06').toString('base64'),
  Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18, 0xff)]).toString('base64'),
  randomBytes(64).toString('base64'),
  '',
  'no base64 at all: \u202e',
];

function zip(files: { readonly [name: string]: string }): string {
  return Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))).toString('base64');
}

/** With another value in the directory's entry: 20, 24 the sizes, 28 the name's length, 38 the mode, 42 where the data begins. */
function patched(files: { readonly [name: string]: string }, at: number, value: number): string {
  const bytes = Buffer.from(zip(files), 'base64');
  const entry = bytes.indexOf(Buffer.from('PK\x01\x02'));
  if (at === 28) bytes.writeUInt16LE(value, entry + at);
  else bytes.writeUInt32LE(value, entry + at);
  return bytes.toString('base64');
}

/** 400 entries that share 4 MB of zeros, packed to 4 KB: 1.6 GB unpacked. */
export function bomb(): string {
  const bytes = Buffer.from(zipSync({ x: new Uint8Array(4 * 1024 * 1024) }));
  const directory = bytes.indexOf(Buffer.from('PK\x01\x02'));
  const end = bytes.indexOf(Buffer.from('PK\x05\x06'));
  const entry = bytes.subarray(directory, end);
  const tail = Buffer.from(bytes.subarray(end));
  const entries = Array.from({ length: 400 }, (_, number) => {
    const one = Buffer.from(entry);
    const name = Buffer.from(number.toString(36).padStart(4, '0'));
    one.writeUInt16LE(name.length, 28);
    return Buffer.concat([one.subarray(0, 46), name, one.subarray(47)]);
  });
  tail.writeUInt16LE(400, 8);
  tail.writeUInt16LE(400, 10);
  return Buffer.concat([bytes.subarray(0, directory), ...entries, tail]).toString('base64');
}
