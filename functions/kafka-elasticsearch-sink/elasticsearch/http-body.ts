import type { IncomingMessage } from 'node:http';

/**
 * No response to this package's requests is near that long; a compressed one could be a thousand times as long as what came. Two that are read at a
 * time fit in memory, each with its text, which takes two bytes for each of its own at worst, and what is parsed of that.
 */
const maxBodyBytes = 32 * 1024 * 1024;

/** The body of a response is longer than any that is read. */
export class BodyTooLong extends Error {
  constructor() {
    super(`the answer is longer than ${maxBodyBytes} bytes`);
  }
}

/** Reads a response's body to its end, decompressed where it can be; throws when it is cut, and `BodyTooLong` when it is longer than 32 MB. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const bytes = await readBytes(response);
  const encodings = (response.headers['content-encoding'] ?? '').split(',').reverse();
  return decompress(bytes, encodings);
}

async function readBytes(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      const bytes: Buffer = chunk;
      length += bytes.length;
      if (length > maxBodyBytes) break;
      chunks.push(bytes);
    }
  } catch (error) {
    throw new Error('the connection was closed within the answer', { cause: error });
  }
  if (length > maxBodyBytes) throw new BodyTooLong();
  return Buffer.concat(chunks);
}

/** More than anybody applies; each may take a second, which no limit of time ends. */
const maxEncodings = 3;

/** Decompresses what can be; the rest stays as it is, and then is no JSON either. */
async function decompress(bytes: Buffer, encodings: readonly string[]): Promise<Buffer> {
  let plain = bytes;
  for (const encoding of encodings.slice(0, maxEncodings)) {
    const decoded = await decode(plain, encoding.trim().toLowerCase()).catch(() => undefined);
    if (!decoded) return plain;
    plain = decoded;
  }
  return plain;
}

async function decode(bytes: Buffer, encoding: string): Promise<Buffer> {
  if (bytes.length === 0 || !/^(x-gzip|gzip|deflate|br)$/.test(encoding)) return bytes;
  const [{ brotliDecompress, inflateRaw, unzip }, { promisify }] = await Promise.all([import('node:zlib'), import('node:util')]);
  const options = { maxOutputLength: maxBodyBytes };
  if (encoding === 'br') return promisify(brotliDecompress)(bytes, options);
  // Some send `deflate` without the frame that RFC 9110, section 8.4.1.2, asks for: its first byte would end in 8.
  const isRaw = encoding === 'deflate' && ((bytes[0] ?? 0) & 0x0f) !== 8;
  return promisify(isRaw ? inflateRaw : unzip)(bytes, options);
}

/** Compresses with gzip at level 1: higher ones cost several times the time for a few percent. */
export async function compress(bytes: Buffer): Promise<Buffer> {
  // Loaded when first needed: most settings never do.
  const [{ gzip }, { promisify }] = await Promise.all([import('node:zlib'), import('node:util')]);
  return promisify(gzip)(bytes, { level: 1 });
}
