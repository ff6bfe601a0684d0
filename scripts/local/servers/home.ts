import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';

/** Where a server has its data, and its port: for its lifetime, or, in a folder of the caller's, from one run to the next. */
export interface Home {
  readonly folder: string;
  readonly keeps: boolean;
  readonly port: number;
}

/** A temporary folder and a free port; with `kept`, that folder and, while it is free, the port that was used there before. */
export async function openHome(kept?: string): Promise<Home> {
  if (kept === undefined) return { folder: await mkdtemp(join(tmpdir(), 'local-server-')), keeps: false, port: await freePort() };
  await mkdir(kept, { recursive: true });
  const portFile = join(kept, 'port');
  const before = await readFile(portFile, 'utf8').catch(() => undefined);
  const port = await freePort(before === undefined ? undefined : Number(before));
  await writeFile(portFile, String(port));
  return { folder: kept, keeps: true, port };
}

/** A free port of the loopback interface, this one if it can be had. */
export function freePort(wanted?: number): Promise<number> {
  return getPort({ host: '127.0.0.1', ...(wanted !== undefined && { port: wanted }) });
}
