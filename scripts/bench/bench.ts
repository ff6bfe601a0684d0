import { rmSync } from 'node:fs';
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackage, packageFolder as builtFolder } from '../bundle/package.ts';
import { type EventShape, makeEvent } from './events.ts';
import type { EventFile, Program } from './worker.ts';

/** What the sections share: the function as it ships, and a folder for what they make, which is deleted with this process. */
export interface Bench {
  readonly packageFolder: string;
  readonly folder: string;
}

/** How tables call the function, and the least program that it is measured against. */
export const names = { sink: 'function', bareLoop: 'bare loop' } as const;

/** Builds the function. */
export async function openBench(): Promise<Bench> {
  await buildPackage();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  // However this process ends.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  // A copy, which the next build does not take away while it is measured.
  const packageFolder = join(folder, 'function');
  await cp(builtFolder, packageFolder, { recursive: true });
  return { packageFolder, folder };
}

/** The settings of the function, and all that the programs beside it need to know. */
export function environmentFor(url: string): Readonly<Record<string, string>> {
  return { CONNECTOR_NAME: 'bench', ES_ENDPOINT: url, ES_PASSWORD: 'none', ES_INDEX: 'bench' };
}

export function sinkProgram({ packageFolder }: Bench, url: string): Program {
  return { name: names.sink, file: join(packageFolder, 'index.js'), environment: environmentFor(url) };
}

/** The files of the programs that are measured beside the function. */
export const files = {
  bareLoop: fileURLToPath(new URL('programs/bare-loop.mjs', import.meta.url)),
  clientBulk: fileURLToPath(new URL('programs/client-bulk.mjs', import.meta.url)),
  helpersBulk: fileURLToPath(new URL('programs/helpers-bulk.mjs', import.meta.url)),
  firstResponse: fileURLToPath(new URL('programs/first-response.cjs', import.meta.url)),
  onePost: fileURLToPath(new URL('programs/one-post.cjs', import.meta.url)),
};

export function bareLoop(url: string): Program {
  return { name: names.bareLoop, file: files.bareLoop, environment: environmentFor(url) };
}

let events = 0;

export async function saveShape(bench: Bench, shape: EventShape): Promise<EventFile> {
  return saveEvent(bench, makeEvent(shape), shape.records);
}

export async function saveEvent({ folder }: Bench, json: Buffer, records: number): Promise<EventFile> {
  events++;
  const file = join(folder, `event-${events}.json`);
  await writeFile(file, json);
  return { file, records, bytes: json.length };
}
