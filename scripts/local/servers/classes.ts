import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Jdk } from './jdk.ts';

const common = fileURLToPath(new URL('java/', import.meta.url));
const cache = fileURLToPath(new URL('../../../node_modules/.cache/launchers/', import.meta.url));

/**
 * The folder with the classes of a launcher: the `.java` files below its folders, and those that launchers share. They are compiled once for each
 * server that they are compiled against, and again when they have changed; throws with the compiler's words.
 */
export async function compileLauncher(folders: readonly string[], jars: string, jdk: Jdk): Promise<string> {
  const sources = (await Promise.all([common, ...folders].map(javaFiles))).flat();
  const texts = await Promise.all(sources.map((source) => readFile(source, 'utf8')));
  const key = createHash('sha256')
    .update(JSON.stringify([jdk, jars, texts]))
    .digest('hex')
    .slice(0, 16);
  const classes = join(cache, key);
  const isCompiled = await access(classes).then(
    () => true,
    () => false,
  );
  if (!isCompiled) await compileInto(classes, sources, jars, jdk);
  return classes;
}

async function javaFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => file.endsWith('.java'))
    .toSorted()
    .map((file) => join(folder, file));
}

/** Whole or not at all: several servers may start at once. */
async function compileInto(classes: string, sources: readonly string[], jars: string, { bin }: Jdk): Promise<void> {
  await mkdir(cache, { recursive: true });
  const begun = await mkdtemp(join(cache, 'begun-'));
  try {
    await execa(`${bin}javac`, ['-nowarn', '-proc:none', '-d', begun, '-cp', jars, ...sources]);
    await rename(begun, classes).catch(() => access(classes));
  } finally {
    await rm(begun, { recursive: true, force: true });
  }
}
