import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** A zip holds local time; one moment, as local time tells it everywhere, and the bytes depend on the content alone. */
const moment = new Date(1980, 0, 1);

/** The reflected polynomial of ECMA-182, as Object Storage Service and Function Compute use it. */
const polynomial = 0xc96c_5795_d787_0f42n;
const allOnes = 0xffff_ffff_ffff_ffffn;

/** The code that is uploaded, and what the cloud will call it. */
export interface Archive {
  readonly zip: Buffer;
  /** CRC-64 (ECMA-182, reflected) of the zip, in decimal. */
  readonly checksum: string;
}

/** The folder's files as a zip: same files, same bytes. */
export async function archiveFolder(folder: string): Promise<Archive> {
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const));
  const zip = Buffer.from(zipSync(Object.fromEntries(files), { mtime: moment, level: 9 }));
  return { zip, checksum: crc64(zip).toString() };
}

function crc64(bytes: Uint8Array): bigint {
  const table = BigUint64Array.from({ length: 256 }, (_, index) => remainder(BigInt(index)));
  const state = bytes.reduce((crc, byte) => (table[Number((crc ^ BigInt(byte)) & 0xffn)] ?? 0n) ^ (crc >> 8n), allOnes);
  return state ^ allOnes;
}

function remainder(value: bigint): bigint {
  let rest = value;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1n ? (rest >> 1n) ^ polynomial : rest >> 1n;
  return rest;
}
