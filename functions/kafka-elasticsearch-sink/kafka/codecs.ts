import { CompressionCodecs, CompressionTypes } from 'kafkajs';

/** The compressions that producers may use, each loaded when a batch needs it. kafkajs reads gzip by itself, but does not say of an error that it is one of it. */
const decompressors: { readonly [type: number]: (compressed: Buffer) => Promise<Uint8Array> } = {
  [CompressionTypes.Snappy]: async (compressed) => {
    const { uncompress } = await import('snappyjs');
    return isFramed(compressed) ? Buffer.concat([...blocksOf(compressed)].map((block) => uncompress(block))) : uncompress(compressed);
  },
  [CompressionTypes.GZIP]: async (compressed) => {
    const [{ gunzip }, { promisify }] = await Promise.all([import('node:zlib'), import('node:util')]);
    return promisify(gunzip)(compressed);
  },
  [CompressionTypes.LZ4]: async (compressed) => (await import('lz4js')).decompress(compressed),
  [CompressionTypes.ZSTD]: async (compressed) => (await import('fzstd')).decompress(compressed),
};

/** The error for a batch that is damaged, or compressed in a way that is not known here. */
export class DecompressionFailed extends Error {}

/** Lets kafkajs read what is compressed by gzip, Snappy, LZ4 or Zstandard; nothing is ever compressed here. */
export function registerCodecs(): void {
  for (const [type, decompress] of Object.entries(decompressors)) {
    const codec = { compress: refuse, decompress: (compressed: Buffer) => decompress(compressed).then(asBuffer, fail) };
    Object.assign(CompressionCodecs, { [type]: () => codec });
  }
}

/** The same memory: a batch may take a large part of what the function has. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function fail(error: unknown): never {
  throw new DecompressionFailed(`its batch cannot be decompressed (${error instanceof Error ? error.message : error})`);
}

async function refuse(): Promise<never> {
  throw new Error('messages are sent uncompressed');
}

/** Java's clients put Snappy's blocks into a frame of their own: https://github.com/xerial/snappy-java/blob/master/README.md */
const frame = Buffer.from('\x82SNAPPY\0', 'latin1');
/** The length of the frame's name with its two versions. */
const frameHeaderBytes = 16;

function isFramed(compressed: Buffer): boolean {
  return compressed.subarray(0, frame.length).equals(frame);
}

function* blocksOf(compressed: Buffer): Generator<Buffer> {
  for (let at = frameHeaderBytes; at < compressed.length; ) {
    const end = at + 4 + compressed.readUInt32BE(at);
    yield compressed.subarray(at + 4, end);
    at = end;
  }
}
