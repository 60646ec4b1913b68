/** Small samples of binary formats, made by encoders of their own. */

/** A record of drmemtrace: type, size, address. */
export function drmemtraceRecord(type: number, size: number, address: bigint | number): Buffer {
  const record = Buffer.alloc(12);
  record.writeUInt16LE(type, 0);
  record.writeUInt16LE(size, 2);
  record.writeBigUInt64LE(BigInt(address), 4);
  return record;
}

/** Header, process, thread 7, a marker, an instruction that reads, one that writes, a footer. */
export const DRMEMTRACE = Buffer.concat([
  drmemtraceRecord(25, 0, 5),
  drmemtraceRecord(22, 4, 7),
  drmemtraceRecord(24, 4, 7),
  drmemtraceRecord(28, 2, 0x2ed913301e15),
  drmemtraceRecord(47, 4, 0x1234),
  drmemtraceRecord(10, 4, 0x401000),
  drmemtraceRecord(0, 8, 0x7fff413f5c28),
  drmemtraceRecord(49, 2, 0x401004),
  drmemtraceRecord(1, 16, 0xffff_8000_0000_1000n),
  drmemtraceRecord(22, 4, 9),
  drmemtraceRecord(14, 5, 0x401006),
  drmemtraceRecord(29, 2, 0x401006),
  drmemtraceRecord(0, 0, 0x601000),
  drmemtraceRecord(3, 1, 0x602000),
  drmemtraceRecord(26, 0, 0),
]);

/** An instruction of ChampSim: its address, what it writes and what it reads. */
export function champsimRecord(
  ip: number | bigint,
  writes: readonly (number | bigint)[],
  reads: readonly (number | bigint)[],
): Buffer {
  const record = Buffer.alloc(64);
  record.writeBigUInt64LE(BigInt(ip), 0);
  record[10] = 26;
  for (const [i, address] of writes.entries()) record.writeBigUInt64LE(BigInt(address), 16 + 8 * i);
  for (const [i, address] of reads.entries()) record.writeBigUInt64LE(BigInt(address), 32 + 8 * i);
  return record;
}

export const CHAMPSIM = Buffer.concat([
  champsimRecord(0x401000, [], [0x7fff_0000_1000n]),
  champsimRecord(0x401004, [], []),
  champsimRecord(0x401008, [0x60_0000], [0x60_0000, 0x61_0040]),
  champsimRecord(0x40100c, [0x62_0000, 0x62_0008], []),
]);

function varint(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** A message of varint fields, with its length before it. */
export function gem5Message(fields: Readonly<Record<number, bigint | number>>): Buffer {
  const body = Object.entries(fields).flatMap(([field, value]) => [
    ...varint(Number(field) << 3),
    ...varint(value),
  ]);
  return Buffer.from([...varint(body.length), ...body]);
}

/** A header with a name, a version, and 1e12 ticks a second. */
export const GEM5_HEADER = Buffer.concat([
  Buffer.from('gem5'),
  (() => {
    const name = Buffer.from('system.monitor');
    const fields = Buffer.from([0x10, 0, 0x18, ...varint(10n ** 12n)]);
    const body = Buffer.concat([Buffer.from([0x0a, name.length]), name, fields]);
    return Buffer.concat([Buffer.from(varint(body.length)), body]);
  })(),
]);

export const GEM5_PROTOBUF = Buffer.concat([
  GEM5_HEADER,
  gem5Message({ 1: 1000, 2: 1, 3: 0x1_8000_0040n, 4: 64, 5: 0, 6: 3 }),
  gem5Message({ 1: 1500, 2: 2, 3: 0x1_8000_0040n, 4: 64 }),
  gem5Message({ 1: 2500, 2: 4, 3: 2n ** 63n + 8n, 4: 8, 7: 0x401000 }),
  gem5Message({ 1: 9000, 2: 7, 3: 0x2000, 4: 64 }),
]);
