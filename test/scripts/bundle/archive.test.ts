import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveFolder } from '../../../scripts/bundle/archive.ts';
import { crc64 as secondOpinion } from '../../../scripts/local/api/function-compute/crc64.ts';

const archiveModule = new URL('../../../scripts/bundle/archive.ts', import.meta.url).href;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  await writeFile(join(folder, 'index.js'), 'exports.handler = () => 1;\n');
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
});

afterAll(() => rm(folder, { recursive: true }));

test('same files, same zip: whenever they were written, and wherever', async () => {
  const first = await archiveFolder(folder);
  await utimes(join(folder, 'index.js'), 1, 1);
  expect((await archiveFolder(folder)).zip.equals(first.zip)).toBe(true);
  const program = `import { archiveFolder } from '${archiveModule}'; console.log((await archiveFolder(${JSON.stringify(folder)})).checksum);`;
  const zones = ['Asia/Shanghai', 'America/Los_Angeles'].map((TZ) =>
    execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { env: { ...process.env, TZ } })
      .toString()
      .trim(),
  );
  expect(zones).toEqual([first.checksum, first.checksum]);
});

test("another byte, another checksum, which is the cloud's", async () => {
  const before = await archiveFolder(folder);
  await writeFile(join(folder, 'index.js'), 'exports.handler = () => 2;\n');
  const after = await archiveFolder(folder);
  expect(after.checksum).not.toBe(before.checksum);
  expect(after.checksum).toBe(String(secondOpinion(after.zip)));
});
