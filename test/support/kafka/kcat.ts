import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

const cache = resolve('node_modules/.cache/kcat');
const packages = ['kcat', 'librdkafka1', 'libyajl2'];

/** The command `kcat` with its environment: the machine's own, or Debian's package unpacked into a cache, without installing it. */
export async function findKcat(): Promise<{ readonly command: string; readonly env: NodeJS.ProcessEnv }> {
  const own = await execa('kcat', ['-V'], { reject: false });
  if (own.exitCode === 0) return { command: 'kcat', env: {} };
  if (!existsSync(cache)) await unpack();
  const [libraries = ''] = await readdir(join(cache, 'usr/lib'));
  return { command: join(cache, 'usr/bin/kcat'), env: { LD_LIBRARY_PATH: join(cache, 'usr/lib', libraries) } };
}

async function unpack(): Promise<void> {
  const folder = `${cache}-${process.pid}`;
  await mkdir(folder, { recursive: true });
  const download = () => execa('apt-get', ['download', ...packages], { cwd: folder, reject: false });
  let result = await download();
  // A new machine has no lists of packages yet.
  if (result.exitCode !== 0 && (await execa('apt-get', ['update'], { reject: false })).exitCode === 0) result = await download();
  if (result.exitCode !== 0)
    throw new Error(`This test runs kcat: install it, on Debian with apt-get install kcat. ${result.stderr ?? ''}`);
  for (const file of await readdir(folder)) await execa('dpkg-deb', ['-x', file, '.'], { cwd: folder });
  await rename(folder, cache).catch(() => rm(folder, { recursive: true }));
}
