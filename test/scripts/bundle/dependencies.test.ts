import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { archiveFolder } from '../../../scripts/bundle/archive.ts';
import { billOfMaterials } from '../../../scripts/bundle/bill-of-materials.ts';
import { bundledDependencies } from '../../../scripts/bundle/dependencies.ts';
import { buildPackage, packageFolder } from '../../../scripts/bundle/package.ts';

const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;

/** A build that has taken code from packages, and one whose code was left out. */
function metafileOf(...packages: readonly string[]): Metafile {
  const taken = packages.map((name) => [`node_modules/${name}/index.js`, { bytesInOutput: 10 }] as const);
  const inputs = Object.fromEntries([
    ['functions/index.ts', { bytesInOutput: 5 }],
    ['node_modules/left-out/a.js', { bytesInOutput: 0 }],
    ...taken,
  ]);
  return { inputs: {}, outputs: { 'dist/index.js': { bytes: 15, inputs, imports: [], exports: [] } } };
}

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bundle-'));
  return () => rm(root, { recursive: true });
});

async function install(
  manifest: { readonly name: string; readonly [field: string]: unknown },
  files: { readonly [name: string]: string } = {},
) {
  const folder = join(root, 'node_modules', manifest.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3', ...manifest }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const packages = { [`node_modules/${manifest.name}`]: { version: '1.2.3', integrity } };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
}

test('a package is told by the code that the build took of it, with its license, notices and files', async () => {
  await install({ name: '@scope/taken', license: 'MIT' }, { LICENSE: 'the license\n', 'NOTICE.txt': 'the notice\n', 'README.md': 'no' });
  expect(await bundledDependencies(metafileOf('@scope/taken'), root)).toEqual([
    { name: '@scope/taken', version: '1.2.3', license: 'MIT', files: ['index.js'], texts: ['the license', 'the notice'], integrity },
  ]);
});

test.each(['GPL-3.0-only', 'UNLICENSED', '(MIT OR GPL-3.0-only)', { type: 'MIT' }, '', undefined])(
  'the license %j stops the build',
  async (license) => {
    await install({ name: 'planted', license }, { LICENSE: 'text' });
    await expect(bundledDependencies(metafileOf('planted'), root)).rejects.toThrow(
      /^planted 1\.2\.3, in index\.js, has .*licen[cs]e.*; allowed are .*MIT.*\. Use another package/,
    );
  },
);

test('a license without its text stops the build, unless it is a standard one with a holder of the copyright', async () => {
  await install({ name: 'bare', license: 'MIT', author: 'Somebody' });
  await expect(bundledDependencies(metafileOf('bare'), root)).rejects.toThrow('comes without the text of its license');
  await install({ name: 'bare', license: 'ISC' });
  await expect(bundledDependencies(metafileOf('bare'), root)).rejects.toThrow('comes without the text of its license');
  await install({ name: 'bare', license: 'ISC', author: { name: 'Somebody' } });
  const [bare] = await bundledDependencies(metafileOf('bare'), root);
  expect(bare?.texts.join()).toMatch(/^Copyright \(c\) Somebody\n\nPermission to use, copy/);
});

test('a package that is not the one of the lock file stops the build', async () => {
  await install({ name: 'other', license: 'MIT', version: '1.2.4' }, { LICENSE: 'text' });
  await expect(bundledDependencies(metafileOf('other'), root)).rejects.toThrow(
    'other 1.2.4, in index.js, is not the one of package-lock.json (1.2.3). Run `npm ci`.',
  );
});

test('a bill of materials is one by the schema of CycloneDX, and a wrong one is not', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  await install({ name: '@scope/taken', license: 'MIT' }, { LICENSE: 'text' });
  const bill = billOfMaterials(await bundledDependencies(metafileOf('@scope/taken'), root));
  expect(await validator.validate(JSON.stringify(bill))).toBeNull();
  expect(await validator.validate(JSON.stringify({ ...bill, serialNumber: 'none' }))).not.toBeNull();
});

// As it is deployed.
let first: string;
let dependencies: Awaited<ReturnType<typeof buildPackage>>['dependencies'];

beforeAll(async () => {
  first = await mkdtemp(join(tmpdir(), 'package-'));
  await cp(packageFolder, first, { recursive: true });
  ({ dependencies } = await buildPackage());
});

afterAll(() => rm(first, { recursive: true }));

test('the packages of the function are these', () => {
  expect(dependencies.map(({ name, files }) => `${name}: ${files.join()}`)).toEqual([
    '@elastic/transport: index.js',
    'fzstd: kafka.js',
    'kafkajs: kafka.js',
    'leven: index.js',
    'lz4js: kafka.js',
    'snappyjs: kafka.js',
  ]);
});

test('each package of the function is in its bill of materials and in its notices', async () => {
  const text = await readFile(join(packageFolder, 'bom.json'), 'utf8');
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
  const { components }: { components: readonly { purl: string }[] } = JSON.parse(text);
  const notices = await readFile(join(packageFolder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(components.map(({ purl }) => decodeURIComponent(purl))).toEqual(
    dependencies.map(({ name, version }) => `pkg:npm/${name}@${version}`),
  );
  for (const { name, version, license, texts } of dependencies) {
    expect(notices).toContain(`\n${name} ${version} (${license})\n`);
    for (const part of texts) expect(notices).toContain(part);
  }
});

test('two builds are the same bytes', async () => {
  expect((await archiveFolder(packageFolder)).checksum).toBe((await archiveFolder(first)).checksum);
});
