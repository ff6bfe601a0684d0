// Codecs that have no types of their own: what is called of them.
declare module 'snappyjs' {
  export function uncompress(compressed: Buffer): Uint8Array;
}
declare module 'lz4js' {
  export function decompress(compressed: Uint8Array): Uint8Array;
}
