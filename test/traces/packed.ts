import { spawnSync } from 'node:child_process';
import { crc32, deflateRawSync } from 'node:zlib';

/** What a packing tool (`xz`, `zstd`, `gzip`) makes of bytes; null where the tool is not there. */
export function packedBy(tool: string, options: readonly string[], bytes: Buffer): Buffer | null {
  const { error, status, stdout, stderr } = spawnSync(tool, [...options, '-c'], {
    input: bytes,
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) return null;
  if (status !== 0) throw new Error(`${tool}: ${stderr}`);
  return stdout;
}

/** A zip file of these files, in this order; deflated or stored, with 64-bit fields where asked for. */
export function zipOf(
  files: readonly (readonly [name: string, content: Buffer])[],
  { stored = false, zip64 = false } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const data = stored ? content : deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(zip64 ? 45 : 20, 0);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), data);
    const wide = Buffer.alloc(zip64 ? 28 : 0);
    const listed = Buffer.from(fields);
    if (zip64) {
      wide.writeUInt16LE(1, 0);
      wide.writeUInt16LE(24, 2);
      wide.writeBigUInt64LE(BigInt(content.length), 4);
      wide.writeBigUInt64LE(BigInt(data.length), 12);
      wide.writeBigUInt64LE(BigInt(offset), 20);
      listed.fill(0xff, 14, 22);
      listed.writeUInt16LE(wide.length, 24);
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(zip64 ? 0xffff_ffff : offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x2d\x00'), listed, rest, Buffer.from(name), wide);
    offset += 30 + name.length + data.length;
  }
  const list = Buffer.concat(directory);
  const wideEnd = Buffer.alloc(zip64 ? 76 : 0);
  if (zip64) {
    wideEnd.write('PK\x06\x06', 0, 'latin1');
    wideEnd.writeBigUInt64LE(44n, 4);
    wideEnd.writeUInt32LE(0x2d_002d, 12);
    wideEnd.writeBigUInt64LE(BigInt(files.length), 24);
    wideEnd.writeBigUInt64LE(BigInt(files.length), 32);
    wideEnd.writeBigUInt64LE(BigInt(list.length), 40);
    wideEnd.writeBigUInt64LE(BigInt(offset), 48);
    wideEnd.write('PK\x06\x07', 56, 'latin1');
    wideEnd.writeBigUInt64LE(BigInt(offset + list.length), 64);
    wideEnd.writeUInt32LE(1, 72);
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(zip64 ? 0xffff : files.length, 8);
  end.writeUInt16LE(zip64 ? 0xffff : files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(zip64 ? 0xffff_ffff : offset, 16);
  return Buffer.concat([...parts, list, wideEnd, end]);
}
