import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** One file of an archive. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly size: number;
  readonly mode: number;
  readonly data: Buffer;
}

/** Thrown for bytes that are no archive, or one that must not be unpacked. */
export class ZipError extends Error {}

/** https://www.alibabacloud.com/help/en/functioncompute/fc/product-overview/limits-of-usage */
const maxBytes = 500 * 1024 * 1024;
/** How much of a name is quoted. */
const maxNameLength = 255;
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const symbolicLink = 0o120000;
const fileType = 0o170000;

/** Unpacks an archive into a folder; throws `ZipError` for a broken one, and for a name that leads out of the folder. */
export function unzip(archive: Buffer, folder: string): void {
  const entries = [...entriesOf(archive)];
  for (const entry of entries) checkEntry(entry);
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxBytes) throw new ZipError(`the archive holds ${bytes} bytes, ${maxBytes} are allowed`);
  mkdirSync(folder, { recursive: true });
  for (const entry of entries.filter(({ name }) => !name.endsWith('/'))) write(join(folder, entry.name), contentOf(entry), entry.name);
}

function checkEntry({ name, mode }: Entry): void {
  const parts = name.split('/');
  if (name.startsWith('/') || name.includes('\\') || parts.includes('..')) throw new ZipError(`the entry ${name} leads out of the package`);
  if (name.includes('\0') || ['', '.'].includes(parts.at(-1) || parts.at(-2) || '')) throw new ZipError(`the entry ${name} names no file`);
  if ((mode & fileType) === symbolicLink) throw new ZipError(`the entry ${name} is a symbolic link`);
}

/** Names that each are right may be too long for this machine, or one a file and another below it. */
function write(file: string, content: Buffer, name: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  } catch (error) {
    throw new ZipError(
      `the entry ${name.slice(0, maxNameLength)} cannot be written (${error instanceof Error && 'code' in error ? error.code : error})`,
    );
  }
}

function contentOf({ name, method, size, data }: Entry): Buffer {
  if (method !== 0 && method !== 8) throw new ZipError(`the entry ${name} has the unknown compression ${method}`);
  // The declared size bounds what a bomb can unpack to.
  const content = method === 0 ? data : inflated(name, data, size);
  if (content.length !== size) throw new ZipError(`the entry ${name} is damaged`);
  return content;
}

function inflated(name: string, data: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw new ZipError(`the entry ${name} is damaged`);
  }
}

/** The central directory, which alone is complete: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
function* entriesOf(archive: Buffer): Generator<Entry> {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + endLength > archive.length || archive.readUInt32LE(end) !== endSignature)
    throw new ZipError('the code is not a zip archive');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== entrySignature) throw new ZipError('the zip archive is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const next = at + 46 + (nameLength ?? 0);
    yield {
      name: archive.toString('utf8', at + 46, next),
      method: archive.readUInt16LE(at + 10),
      size: archive.readUInt32LE(at + 24),
      mode: archive.readUInt32LE(at + 38) >>> 16,
      data: dataAt(archive, archive.readUInt32LE(at + 42), archive.readUInt32LE(at + 20)),
    };
    at = next + (extraLength ?? 0) + (commentLength ?? 0);
  }
}

/** The bytes behind a local header, whose own name and extra field may differ from the directory's. */
function dataAt(archive: Buffer, header: number, length: number): Buffer {
  if (header + 30 > archive.length) throw new ZipError('the zip archive is damaged');
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  return archive.subarray(start, start + length);
}
