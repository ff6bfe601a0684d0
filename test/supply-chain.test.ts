// What is installed, built and started is what was chosen: exact versions, with checksums, and no program of a package runs while it is installed.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { distributions } from '../scripts/local/servers/elasticsearch/distributions.ts';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly [field: string]: unknown;
}

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

const exact = /^\d+\.\d+\.\d+$/;
const files = ['functions', 'scripts', 'shared', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
);
const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const lock: { readonly packages: { readonly [folder: string]: Locked } } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const locked = Object.entries(lock.packages).filter(([folder]) => folder !== '');

/** `name version` of what a package.json asks for in a form that several versions fit. */
function rangesIn(manifest: Manifest): string[] {
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'];
  return fields.flatMap((field) =>
    Object.entries(manifest[field] ?? {}).flatMap(([name, version]) => (exact.test(String(version)) ? [] : `${name} ${version}`)),
  );
}

type Properties = readonly (readonly [name: string, value: string])[];

/** `artifact version` of what a pom asks for that is neither one version nor a property with one. */
function rangesInPom(pom: string, given: Properties = []): string[] {
  const text = pom.replaceAll(/<!--.*?-->/gs, '');
  const own = [...text.matchAll(/<([\w.-]+)>([^<]*)<\/\1>/g)].map(([, name = '', value = '']) => [name, value] as const);
  const properties = new Map([...own, ...given]);
  const resolve = (version: string): string => version.replaceAll(/\$\{([\w.-]+)\}/g, (_, name) => properties.get(name) ?? 'unknown');
  const artifacts = [...text.matchAll(/<artifactId>([^<]*)<\/artifactId>\s*(?:<version>([^<]*)<\/version>)?/g)];
  return artifacts
    .map(([, artifact = '', version = 'none']) => [artifact, resolve(version)])
    .filter(([, version = '']) => !/^\d[\w.-]*$/.test(version) || version.endsWith('-SNAPSHOT'))
    .map((pair) => pair.join(' '));
}

test('every package.json names exact versions', () => {
  const manifests = ['package.json', ...files.filter((file) => file.endsWith('/package.json'))];
  for (const file of manifests) expect([file, rangesIn(JSON.parse(readFileSync(file, 'utf8')))]).toEqual([file, []]);
});

test('every pom names exact versions', () => {
  const poms = files.filter((file) => file.endsWith('/pom.xml'));
  expect(poms.length).toBeGreaterThan(2);
  // What one distribution alone has is a property that is given when Maven is started.
  const given = Object.values(distributions).flatMap(({ properties }) => Object.entries<string>(properties));
  expect(given.filter(([name, value]) => name.endsWith('.version') && !/^\d[\w.-]*$/.test(value))).toEqual([]);
  for (const file of poms) expect([file, rangesInPom(readFileSync(file, 'utf8'), given)]).toEqual([file, []]);
});

test.each(['^1.2.3', '~1.2.3', '>=1.2.3', '1.x', '1.2', '*', '', 'latest', '1.2.3 || 2.0.0', 'github:a/b', 'file:../a'])(
  'a dependency on %j is a range',
  (version) => {
    expect(rangesIn({ devDependencies: { a: version, b: '1.2.3' } })).toEqual([`a ${version}`]);
  },
);

test.each(['[1.0,2.0)', 'LATEST', 'RELEASE', '1.0-SNAPSHOT', '${unknown}', ''])('a dependency of a pom on %j is a range', (version) => {
  const dependency = `<dependency><artifactId>a</artifactId><version>${version}</version></dependency>`;
  expect(rangesInPom(dependency)).toHaveLength(1);
  expect(rangesInPom('<dependency><artifactId>a</artifactId></dependency>')).toEqual(['a none']);
});

test('the version of Node.js to work with is one', () => {
  expect(readFileSync('.nvmrc', 'utf8').trim()).toMatch(exact);
});

test('the lock file has a checksum of each package, and the address of none', () => {
  expect(locked.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity)).map(([folder]) => folder)).toEqual([]);
  expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([folder]) => folder)).toEqual([]);
});

test('packages that would run a program while they are installed are known, and none may', () => {
  const names = locked.flatMap(([folder, { hasInstallScript }]) => (hasInstallScript ? folder.replace(/^.*node_modules\//, '') : []));
  expect(manifest.allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, false])));
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
});
