import { deflateRawSync } from 'node:zlib';

/** An archive, base64, of texts by name; `mode` as Unix gives it, for what is no plain file. */
export function zipOf(files: { readonly [name: string]: string | Buffer }, mode = 0o100644): string {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const common = commonFields(plain, packed, name);
    const local = Buffer.concat([uint32(0x04034b50), uint16(20), common, uint16(0), Buffer.from(name), packed]);
    const attributes = [uint16(0), uint16(0), uint16(0), uint16(0), uint32(mode * 0x10000), uint32(offset)];
    directory.push(Buffer.concat([uint32(0x02014b50), uint16(0x0314), uint16(20), common, ...attributes, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const count = uint16(directory.length);
  const end = [uint32(0x06054b50), uint16(0), uint16(0), count, count, uint32(size), uint32(offset), uint16(0)];
  return Buffer.concat([...locals, ...directory, ...end]).toString('base64');
}

/** What a local header and the directory both hold, from the flags to the name's length. */
function commonFields(plain: Buffer, packed: Buffer, name: string): Buffer {
  const times = [uint16(0), uint16(0x21)];
  const sizes = [uint32(crc32(plain)), uint32(packed.length), uint32(plain.length)];
  return Buffer.concat([uint16(0), uint16(8), ...times, ...sizes, uint16(Buffer.byteLength(name))]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
