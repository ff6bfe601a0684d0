// What is uploaded depends on nothing but this repository: neither where it was built, nor by whom, nor what their environment holds.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveFolder } from '../../scripts/bundle/archive.ts';
import { packageFolder } from '../../scripts/bundle/package.ts';
import { packageFiles } from './built-package.ts';
import { hatch } from './canaries.ts';

const canaries = hatch('plain');
const { machine, esPassword, accessKeySecret } = canaries.secret;
/** What builds, and what code is taken from, with what they need themselves. */
const needed = [
  'esbuild',
  `@esbuild/${process.platform}-${process.arch}`,
  '@elastic/transport',
  'kafkajs',
  'leven',
  'fzstd',
  'lz4js',
  'snappyjs',
];

let folder: string;
let built: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `${machine}-`));
  const sources = ['functions', 'shared', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];
  const packages = (await withDependencies(needed)).map((name) => `node_modules/${name}`);
  await Promise.all([...sources, ...packages].map((path) => cp(path, join(folder, path), { recursive: true })));
  await writeFile(join(folder, '.env'), `ES_PASSWORD=${esPassword}\n`);
  const env = {
    HOME: folder,
    USER: machine,
    HOSTNAME: machine,
    npm_config__authToken: machine,
    ES_PASSWORD: esPassword,
    AccessKeySecret: accessKeySecret,
  };
  const tsx = pathToFileURL(join(process.cwd(), 'node_modules/tsx/dist/loader.mjs')).href;
  await execa(process.execPath, ['--import', tsx, 'scripts/build.ts'], { cwd: folder, env });
  built = join(folder, 'dist', 'function');
});

afterAll(() => rm(folder, { recursive: true }));

/** The packages and all that they depend on, as the lock file has them; each lies at the top of node_modules. */
async function withDependencies(names: readonly string[]): Promise<string[]> {
  const { packages }: { packages: { [path: string]: { dependencies?: { [name: string]: string } } } } = JSON.parse(
    await readFile('package-lock.json', 'utf8'),
  );
  const found = new Set(names);
  for (const name of found) for (const one of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) found.add(one);
  return [...found];
}

test('built elsewhere, with an environment and a .env full of secrets, it is the same to the byte', async () => {
  expect((await readdir(built)).sort()).toEqual(packageFiles);
  for (const file of packageFiles)
    expect(await readFile(join(built, file), 'utf8'), file).toBe(await readFile(join(packageFolder, file), 'utf8'));
  const [there, here] = [await archiveFolder(built), await archiveFolder(packageFolder)];
  expect(there.checksum).toBe(here.checksum);
});

test('it tells neither where it was built nor what was in the environment, and has no source map', async () => {
  for (const file of packageFiles) {
    const text = await readFile(join(built, file), 'utf8');
    expect(canaries.tellsIn(text), `${file}: ${canaries.firstIn(text)}`).toEqual([]);
    const told = [folder, process.cwd(), 'sourceMappingURL', 'sourcesContent'].filter((one) => text.includes(one));
    expect(told, file).toEqual([]);
  }
});
