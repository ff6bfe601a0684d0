/** The polynomial of ECMA-182, bits reversed. */
const polynomial = 0xc96c5795d7870f42n;
const table = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
  return value;
});
// BigInts are slow byte by byte: two halves of 32 bits.
const low = Uint32Array.from(table, (value) => Number(value & 0xffffffffn));
const high = Uint32Array.from(table, (value) => Number(value >> 32n));

/** CRC-64 (ECMA, reflected) as a decimal text, the checksum that Function Compute and OSS give; CRC-64/XZ in https://reveng.sourceforge.io/crc-catalogue/17plus.htm */
export function crc64(bytes: Uint8Array): string {
  let [left, right] = [0xffffffff, 0xffffffff];
  for (const byte of bytes) {
    const index = (right ^ byte) & 0xff;
    right = (((right >>> 8) | (left << 24)) ^ (low[index] ?? 0)) >>> 0;
    left = ((left >>> 8) ^ (high[index] ?? 0)) >>> 0;
  }
  return String((BigInt(~left >>> 0) << 32n) | BigInt(~right >>> 0));
}
