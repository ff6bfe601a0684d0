import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';

/** A server's port, and the folder that keeps its data and that port from one run to the next; without a folder both are for once. */
export interface Home {
  readonly folder: string | undefined;
  readonly port: number;
}

/** A free port; with a folder, the one that was used there before, while it is free. */
export async function openHome(folder?: string): Promise<Home> {
  if (folder === undefined) return { folder, port: await freePort() };
  await mkdir(folder, { recursive: true });
  const portFile = join(folder, 'port');
  const before = await readFile(portFile, 'utf8').catch(() => undefined);
  const port = await freePort(before === undefined ? undefined : Number(before));
  await writeFile(portFile, String(port));
  return { folder, port };
}

/** A free port of the loopback interface, this one if it can be had. */
export function freePort(port?: number): Promise<number> {
  return getPort({ host: '127.0.0.1', ...(port !== undefined && { port: port }) });
}
