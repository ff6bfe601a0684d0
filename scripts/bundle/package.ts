import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundledDependencies, type Dependency } from './dependencies.ts';
import { formatNotices } from './notices.ts';

/** The folder that Function Compute gets, with nothing but the package in it. */
export const packageFolder = fileURLToPath(new URL('../../dist/function', import.meta.url));

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = 'functions/kafka-elasticsearch-sink';
const dependencyPath = /node_modules/;

/** What was built. */
export interface BuiltPackage {
  /** The size of the code, in bytes. */
  readonly bytes: number;
  readonly dependencies: readonly Dependency[];
}

/** Builds the function package. Commands that run at the same time build the same: each file appears whole. */
export async function buildPackage(): Promise<BuiltPackage> {
  await mkdir(packageFolder, { recursive: true });
  const folder = await mkdtemp(`${packageFolder}-`);
  try {
    const metafile = await bundle(folder);
    const dependencies = await bundledDependencies(metafile, root);
    await writeDocuments(folder, dependencies);
    const files = await readdir(folder);
    for (const file of files) await rename(join(folder, file), join(packageFolder, file));
    const others = (await readdir(packageFolder)).filter((file) => !files.includes(file));
    for (const file of others) await rm(join(packageFolder, file), { recursive: true, force: true });
    return { bytes: Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0), dependencies };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: `${source}/index.ts`, kafka: `${source}/kafka/index.ts`, recovery: `${source}/recovery/index.ts` },
    outdir: folder,
    bundle: true,
    platform: 'node',
    // Only ES modules can be cut down to what is used.
    mainFields: ['module', 'main'],
    target: 'node20',
    // CommonJS starts faster than ES modules do.
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    plugins: [rarelyUsedApart, loadedWhenNeeded, withoutSideEffects],
    logLevel: 'warning',
  });
  return metafile;
}

/** What goes with the code; the name of the bill is the one that tools look for: https://cyclonedx.org/specification/overview/#recognized-file-patterns */
async function writeDocuments(folder: string, dependencies: readonly Dependency[]): Promise<void> {
  // Without it, Node would take the package for ES modules wherever a folder above it says so, as this repository does.
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  await writeFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), formatNotices(dependencies));
  await writeFile(join(folder, 'bom.json'), `${JSON.stringify(billOfMaterials(dependencies), undefined, 2)}\n`);
}

/** The Kafka client is a file of its own, and so is what finds and delivers lost records: most instances never load them, and all would start later. */
const rarelyUsedApart: Plugin = {
  name: 'rarely-used-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/(kafka|recovery)\/index\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${path.split('/').at(-2)}.js`, external: true } : undefined,
    );
  },
};

/**
 * The Elasticsearch transport imports undici and OpenTelemetry's API for features that are not used here, and does not declare
 * that its modules can be dropped; declared here, the package shrinks tenfold and starts in half the time.
 */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === withoutSideEffects || options.kind !== 'import-statement') return undefined;
      const resolved = await resolve(path, { ...options, pluginData: withoutSideEffects });
      return { ...resolved, sideEffects: !dependencyPath.test(resolved.path) };
    });
  },
};

/**
 * What the transport's HTTP connection imports at once and this package needs late or never: TLS only for https, a proxy and the log of
 * `DEBUG=elasticsearch`, which would show requests, not at all. Together they are a third of the time to load.
 */
const replacements: { readonly [name: string]: string } = {
  'node:https':
    "module.exports = { get Agent() { return require('node:https').Agent; }, get request() { return require('node:https').request; } };",
  hpagent: 'module.exports = {};',
  debug: 'module.exports = () => () => undefined;',
};

const loadedWhenNeeded: Plugin = {
  name: 'loaded-when-needed',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:https|hpagent|debug)$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'loaded-when-needed', sideEffects: false } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'loaded-when-needed' }, ({ path }) => ({ contents: replacements[path] ?? '', loader: 'js' }));
  },
};
