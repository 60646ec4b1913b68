declare module 'lz4js' {
  /** Decompresses an LZ4 frame; throws where it is none. */
  export function decompress(frame: Uint8Array, maxBytes?: number): Uint8Array;
  /** Compresses to an LZ4 frame. */
  export function compress(bytes: Uint8Array): Uint8Array;
}
