import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { testTitlesOf } from './support/test-titles.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['.github', '.vscode', 'docs', 'functions', 'scripts', 'shared', 'test'];

/** Every file of this repository, from its root. */
const files = [
  ...readdirSync(root).filter((name) => statSync(join(root, name)).isFile()),
  ...folders.flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`)),
];
const documents = files.filter((file) => file.endsWith('.md'));
/** This one and those that it is compared with. */
const comparedProjects = 8;
/** What it says of the past need not be there any more. */
const ofThePast = 'CHANGELOG.md';

interface Link {
  readonly document: string;
  readonly text: string;
  /** From the root. */
  readonly target: string;
  readonly anchor: string | undefined;
}

const links = documents.flatMap(linksIn);

function linksIn(document: string): Link[] {
  const found = [...withoutBlocks(document).matchAll(/\[((?:`[^`]*`|[^\]`])+)\]\(([^()\s]+)\)/g)];
  return found
    .filter(([, , address = '']) => !/^[a-z]+:/.test(address))
    .map(([, text = '', address = '']) => {
      const [path, anchor] = address.split('#');
      return { document, text, target: path ? normalize(join(dirname(document), path)) : document, anchor };
    });
}

/** The text without blocks of code, whose brackets are no links. */
function withoutBlocks(document: string): string {
  return read(document).replaceAll(/^```[\s\S]*?^```/gm, '');
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** As GitHub makes them of headings: https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsOf(document: string): string[] {
  const headings = [...withoutBlocks(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every relative link leads to a file, and its anchor to a heading', () => {
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(
    ({ target, anchor }) => !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor)),
  );
  expect(broken).toEqual([]);
});

const toCode = links.filter(({ target }) => /\.[cm]?ts$/.test(target) && !target.endsWith('.d.ts'));
const named = toCode.map(({ text, ...link }) => ({ ...link, name: text.replaceAll('`', '') })).filter(({ name }) => !isPath(name));

test('a link that is called as something in a file of code leads to a file that has it', () => {
  const toNames = named.filter(({ target }) => !isTest(target));
  expect(toNames.length).toBeGreaterThan(10);
  expect(toNames.filter(({ name, target }) => !read(target).includes(name))).toEqual([]);
});

test('a link to a test is called as that test, or a part of its title', () => {
  const toTests = named.filter(({ target }) => isTest(target));
  expect(toTests.length).toBeGreaterThan(100);
  expect(toTests.filter(({ name, target }) => !testTitlesOf(join(root, target)).some((title) => title.includes(name)))).toEqual([]);
});

function isTest(path: string): boolean {
  return /(\.test|-suite)\.ts$/.test(path);
}

test('each row of the comparison names a test of ours, or says what to use instead', () => {
  const rows = read('docs/comparison.md').matchAll(/^\| (?!\| |---)(.*?) \| (.*) \|$/gm);
  const features = [...rows]
    .map(([, feature, cells = '']) => ({ feature, cells: cells.split(' | ') }))
    .filter(({ cells }) => cells.length > 2);
  expect(features.length).toBeGreaterThan(50);
  expect(features.filter(({ cells }) => cells.length !== comparedProjects + 1)).toEqual([]);
  const without = features.filter(({ cells }) => !/\]\(\.\.\/test\/.*\.ts\)|Instead: /.test(cells.at(-1) ?? ''));
  expect(without).toEqual([]);
});

const paths = documents.filter((document) => document !== ofThePast).flatMap(pathsIn);

function pathsIn(document: string): { readonly document: string; readonly path: string }[] {
  const code = [...withoutBlocks(document).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return code.filter(isPath).map((path) => ({ document, path }));
}

function isPath(text: string): boolean {
  return (
    /^[\w.@/-]+$/.test(text) && (folders.some((folder) => text.startsWith(`${folder}/`)) || /\.(ts|cjs|mjs|md|ya?ml|json|java)$/.test(text))
  );
}

test('every path that a document names is there: from the root, from the document, or at the end of some path', () => {
  expect(paths.length).toBeGreaterThan(50);
  const missing = paths.filter(({ document, path }) => {
    const places = [path, join(dirname(document), path)].map((place) => join(root, place));
    return !places.some((place) => existsSync(place)) && !files.some((file) => file.endsWith(path.startsWith('.') ? path : `/${path}`));
  });
  expect(missing).toEqual([]);
});

test('every npm script that a document names is one', () => {
  const { scripts }: { scripts: object } = JSON.parse(read('package.json'));
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/npm run (\w+(?:[:-]\w+)*)/g)].map(([, name = '']) => ({ document, name })),
  );
  const current = named.filter(({ document }) => document !== ofThePast);
  expect(current.length).toBeGreaterThan(20);
  expect(current.filter(({ name }) => !(name in scripts))).toEqual([]);
});

test('every page of docs is linked from another document', () => {
  const linked = new Set(links.filter(({ document, target }) => document !== target).map(({ target }) => target));
  expect(documents.filter((document) => document.startsWith('docs/') && !linked.has(document))).toEqual([]);
});

test('the README has at most 150 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
});
