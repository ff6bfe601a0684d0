import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const sink = 'functions/kafka-elasticsearch-sink';
const connector = 'scripts/connector';

/** The component's parts in order: each imports itself and those after it, never those before. */
const layers = ['component.ts', 'commands/', 'deployment/', 'probe/', 'running/', 'config/', 'cloud/'].map(
  (layer) => `${connector}/${layer}`,
);
const belowConnector = ['scripts/bundle/', 'scripts/terminal/', 'shared/'];

/** What each part of this repository may import of it. */
const allowed: { readonly [part: string]: readonly string[] } = {
  'functions/': ['functions/', 'shared/'],
  // Each is a client of its own, and the Kafka client a file of its own in the package.
  [`${sink}/elasticsearch/`]: [`${sink}/`, 'shared/', `!${sink}/kafka/`, `!${sink}/map.ts`, `!${sink}/pipeline.ts`],
  [`${sink}/kafka/`]: [`${sink}/`, 'shared/', `!${sink}/elasticsearch/`],
  // What stages hand on stands in operation.ts, so that each can be read without the next.
  [`${sink}/map.ts`]: [`${sink}/`, 'shared/', `!${sink}/elasticsearch/`, `!${sink}/kafka/`],
  'shared/': ['shared/'],
  // A second opinion on the cloud: it shares no code, and so no misunderstanding, with what it judges.
  'scripts/local/': ['scripts/local/'],
  'scripts/bundle/': ['scripts/bundle/'],
  'scripts/terminal/': ['scripts/terminal/', 'shared/'],
  ...Object.fromEntries(layers.map((layer, index) => [layer, [...layers.slice(index), ...belowConnector]])),
  // Beside it, and nothing that it rests on.
  [`${connector}/deployment/`]: ['deployment/', 'running/', 'config/', 'cloud/']
    .map((layer) => `${connector}/${layer}`)
    .concat(belowConnector),
  'scripts/': ['scripts/', 'shared/'],
};

const sources = ['functions', 'shared', 'scripts'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?ts$|\.mjs$/.test(file))
    .map((file) => `${folder}/${file}`),
);
const imports = new Map(sources.map((file) => [file, ownImports(file)]));

/** Paths, from the root, of what a file imports of this repository, types too. */
function ownImports(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8');
  const specifiers = [...code.matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']*)'/g)].map(([, specifier = '']) => specifier);
  return specifiers.map((specifier) => relative(root, join(root, dirname(file), specifier)));
}

function mayImport(imported: string, parts: readonly string[]): boolean {
  const forbidden = parts.filter((part) => part.startsWith('!')).map((part) => part.slice(1));
  return parts.some((part) => imported.startsWith(part)) && !forbidden.some((part) => imported.startsWith(part));
}

test.each(Object.entries(allowed))('%s imports nothing of this repository but %s', (part, parts) => {
  const files = sources.filter((file) => file.startsWith(part));
  expect(files).not.toEqual([]);
  const wrong = files.flatMap((file) =>
    (imports.get(file) ?? []).filter((imported) => !mayImport(imported, parts)).map((imported) => `${file} imports ${imported}`),
  );
  expect(wrong).toEqual([]);
});

test('every file of the component is in one of its layers', () => {
  const files = sources.filter((file) => file.startsWith(`${connector}/`));
  expect(files.filter((file) => !layers.some((layer) => file.startsWith(layer)))).toEqual([]);
});

test('the local cloud is imported only by entries', () => {
  const entries = [
    'scripts/local/',
    'scripts/matrix/',
    'scripts/local-cli/',
    'scripts/demo/',
    'scripts/bench/',
    'scripts/faults/',
    'scripts/fuzz/',
    'scripts/soak/',
  ];
  const others = sources.filter((file) => !entries.some((entry) => file.startsWith(entry)));
  const wrong = others.filter((file) => imports.get(file)?.some((imported) => imported.startsWith('scripts/local/')));
  expect(wrong).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...way, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  expect(circles).toEqual([]);
});

test('the Kafka client is imported only when it is needed', () => {
  const outside = sources.filter((file) => file.startsWith('functions/') && !file.includes('/kafka/'));
  const wrong = outside.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^import (?!type ).*'[^']*(?:\/kafka\/|kafkajs)[^']*'/gm)].map(
      ([line]) => `${file}: ${line}`,
    ),
  );
  expect(wrong).toEqual([]);
});

test('only scripts/terminal writes to the terminal, where what it obeys is made visible', () => {
  // Their lines are not shown by them: they are a function's log.
  const functions = ['functions/', 'scripts/local/runtime/bootstrap.mjs', 'scripts/connector/probe/receiver/'];
  const others = sources.filter((file) => !['scripts/terminal/', ...functions].some((part) => file.startsWith(part)));
  const writes = /\bprocess\.std(?:out|err)\.write\b|\bconsole\.\w+\(/;
  expect(others.filter((file) => writes.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

test('certificates are checked wherever something is sent', () => {
  const product = sources.filter((file) => /^(functions|shared|scripts\/(connector|bundle|terminal))\//.test(file));
  const off = /rejectUnauthorized: (?!true)|checkServerIdentity|ignoreSSL|NODE_TLS_REJECT_UNAUTHORIZED(: '| = )|minVersion|secureProtocol/g;
  const found = product.flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(off)].map(([text]) => `${file}: ${text}`));
  expect(found).toEqual([
    // A handshake that only looks at certificates, and sends nothing.
    `${sink}/elasticsearch/tls.ts: rejectUnauthorized: `,
    // ApsaraMQ's certificate names no broker; who has signed it is checked.
    `${sink}/kafka/connection.ts: checkServerIdentity`,
  ]);
});
