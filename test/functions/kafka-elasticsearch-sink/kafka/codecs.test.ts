import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { expect, test } from 'vitest';
import { DecompressionFailed, registerCodecs } from '../../../../functions/kafka-elasticsearch-sink/kafka/codecs.ts';

test.each(['GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const)('damaged %s is named as such, not as a fault of the brokers', async (name) => {
  registerCodecs();
  const codec: { decompress(compressed: Buffer): Promise<Buffer> } = CompressionCodecs[CompressionTypes[name]]();
  await expect(codec.decompress(Buffer.from('not compressed at all'))).rejects.toThrow(DecompressionFailed);
});
