import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each part of the house may import of the house, by the longest path that fits. */
const allowed = {
  functions: ['functions', 'shared'],
  shared: ['shared'],
  // A second opinion on the cloud: it shares no code, and so no misunderstanding, with what it judges.
  'scripts/local': ['scripts/local'],
  'scripts/connector': ['scripts/connector', 'shared'],
  scripts: ['scripts', 'shared'],
};

function sources(part: string): string[] {
  return readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?ts$|\.mjs$/.test(file))
    .map((file) => join(part, file));
}

/** Paths, from the root, of what a file imports of the house. */
function houseImports(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8');
  const specifiers = [...code.matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']*)'/g)].map(([, specifier = '']) => specifier);
  return specifiers.map((specifier) => relative(root, join(root, dirname(file), specifier)));
}

test.each(Object.entries(allowed))('%s imports nothing of the house but %s', (part, partsAllowed) => {
  const files = sources(part);
  expect(files).not.toEqual([]);
  const forbidden = files.flatMap((file) =>
    houseImports(file)
      .filter((imported) => !partsAllowed.some((allowedPart) => imported.startsWith(`${allowedPart}/`)))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(forbidden).toEqual([]);
});

test('the Kafka client is imported only when it is needed', () => {
  const outside = sources('functions').filter((file) => !file.includes('/kafka/'));
  const imports = outside.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^import (?!type ).*'[^']*(?:\/kafka\/|kafkajs)[^']*'/gm)].map(
      ([line]) => `${file}: ${line}`,
    ),
  );
  expect(imports).toEqual([]);
});
