import { rmSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage, packageFolder as builtFolder } from '../bundle/package.ts';
import { printMarks } from './marks.ts';
import { type Bench, benchColdStart, benchCpu, benchGrowth, benchMemory, benchSize } from './sections.ts';
import { StandIn } from './stand-in.ts';

await buildPackage();
const folder = await mkdtemp(join(tmpdir(), 'bench-'));
// However this process ends; the ones that it started watch a pipe to it.
process.on('exit', () => rmSync(folder, { recursive: true }));
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
await run();

async function run(): Promise<void> {
  await using standIn = await StandIn.start();
  const bench = await prepare(standIn.port);
  const cpuRatios = await benchCpu(bench);
  await benchGrowth(bench);
  const coldStartRatio = await benchColdStart(bench);
  const size = await benchSize(bench);
  const peaks = await benchMemory(bench);
  printMarks({ cpuRatios, coldStartRatio, size, peaks });
}

async function prepare(port: number): Promise<Bench> {
  // A copy, which the next build does not take away while it is measured.
  const packageFolder = join(folder, 'function');
  await cp(builtFolder, packageFolder, { recursive: true });
  const environment = { CONNECTOR_NAME: 'bench', ES_ENDPOINT: `http://127.0.0.1:${port}`, ES_PASSWORD: 'none', ES_INDEX: 'bench' };
  return {
    sink: { file: join(packageFolder, 'index.js'), environment },
    bare: { file: fileURLToPath(new URL('bare-loop.mjs', import.meta.url)), environment },
    packageFolder,
    eventFolder: folder,
  };
}
