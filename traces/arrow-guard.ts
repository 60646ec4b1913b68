import { ByteBuffer } from 'flatbuffers';

const vectorLength = ByteBuffer.prototype.__vector_len;

/**
 * Has the Arrow library refuse metadata whose lists are said to be longer than the metadata itself: it takes what it reads for
 * true, and a damaged length (32 bits) has it make objects until memory runs out.
 */
export function guardArrowMetadata(): void {
  ByteBuffer.prototype.__vector_len = function (this: ByteBuffer, offset: number): number {
    const length = vectorLength.call(this, offset);
    const most = this.capacity();
    if (length >= 0 && length <= most) return length;
    throw new Error(`a list of ${length} entries in ${most} bytes of metadata`);
  };
}
