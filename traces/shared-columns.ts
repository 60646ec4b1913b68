/** Floats in shared memory: this many zeros, or a copy of these values. */
export function sharedFloats(from: number | ArrayLike<number>): Float64Array {
  const length = typeof from === 'number' ? from : from.length;
  const shared = new Float64Array(new SharedArrayBuffer(length * 8));
  if (typeof from !== 'number') shared.set(from);
  return shared;
}

/** 32-bit unsigned integers in shared memory: this many zeros, or a copy of these values. */
export function sharedWords(from: number | ArrayLike<number>): Uint32Array {
  const length = typeof from === 'number' ? from : from.length;
  const shared = new Uint32Array(new SharedArrayBuffer(length * 4));
  if (typeof from !== 'number') shared.set(from);
  return shared;
}

/** Bytes in shared memory: this many zeros, or a copy of these values. */
export function sharedBytes(from: number | ArrayLike<number>): Uint8Array {
  const length = typeof from === 'number' ? from : from.length;
  const shared = new Uint8Array(new SharedArrayBuffer(length));
  if (typeof from !== 'number') shared.set(from);
  return shared;
}
