const offsetsPerBlock = 1024;

/** Offsets of one partition, one bit each where they lie close together. */
export class OffsetSet {
  readonly #blocks = new Map<number, Uint8Array>();

  add(offset: number): void {
    const [number, byte, bit] = placeOf(offset);
    const block = this.#blocks.get(number) ?? new Uint8Array(offsetsPerBlock / 8);
    block[byte] = (block[byte] ?? 0) | bit;
    this.#blocks.set(number, block);
  }

  has(offset: number): boolean {
    const [number, byte, bit] = placeOf(offset);
    return ((this.#blocks.get(number)?.[byte] ?? 0) & bit) !== 0;
  }
}

function placeOf(offset: number): readonly [number, number, number] {
  const index = offset % offsetsPerBlock;
  return [(offset - index) / offsetsPerBlock, index >> 3, 1 << (index & 7)];
}
