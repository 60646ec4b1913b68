/**
 * gem5's packet traces in Protocol Buffers, usually gzip-compressed: what a `CommMonitor` with a `MemTraceProbe` writes.
 *
 * Producer: gem5, `src/proto/protoio.cc` (the magic number "gem5", then messages with their length before them as a varint)
 * and `src/proto/packet.proto`: a `PacketHeader` (obj_id 1, ver 2, tick_freq 3, id_strings 4), then `Packet`s (tick 1, cmd 2,
 * addr 3, size 4, flags 5, pkt_id 6, pc 7). Commands are numbered as in `src/mem/packet.hh`, `MemCmd::Command`, since gem5
 * 20: 1 and 4 are reads and writes in all versions, the others move.
 *
 * Reads (load-locked ones too) and reads for ownership, of clean or of shared lines are loads; writes, write-backs of dirty
 * data and store-conditionals not known to fail are stores; all other commands, responses among them, are left out.
 * A packet flagged as an instruction fetch (`src/mem/request.hh`, `INST_FETCH`) is a fetch at access level, left out unless
 * asked for; at memory level it reads a line as any other does. Ticks become nanoseconds by the header's frequency. Addresses are
 * physical. Lost in the conversion: threads, program counters, and where in the machine it was recorded.
 */

import { BatchBuilder } from '../batch-builder.ts';
import { importedBatches } from '../import-text.ts';
import { emptyTally, type Importer, type ImportTally, leaveOut } from '../importer.ts';
import { FETCH, type Level, LOAD, STORE, type TraceBatch } from '../trace.ts';
import { Varints } from '../varints.ts';

const MAGIC = Buffer.from('gem5');
/** No message is longer in practice; a length beyond is that of something else. */
const MAX_MESSAGE = 1 << 20;
const MAX_SIZE = 65535;
const NS_PER_SECOND = 1e9;
const INST_FETCH = 0x100;

/** The commands by number, as far as all versions since gem5 20 number them alike. */
const COMMANDS: readonly string[] = [
  ...['InvalidCmd', 'ReadReq', 'ReadResp', 'ReadRespWithInvalidate', 'WriteReq', 'WriteResp'],
  ...['WriteCompleteResp', 'WritebackDirty', 'WritebackClean', 'WriteClean', 'CleanEvict'],
  ...['SoftPFReq', 'SoftPFExReq', 'HardPFReq', 'SoftPFResp', 'HardPFResp', 'WriteLineReq'],
  ...['UpgradeReq', 'SCUpgradeReq', 'UpgradeResp', 'SCUpgradeFailReq', 'UpgradeFailResp'],
  ...['ReadExReq', 'ReadExResp', 'ReadCleanReq', 'ReadSharedReq', 'LoadLockedReq', 'StoreCondReq'],
  ...['StoreCondFailReq', 'StoreCondResp'],
];
const READS = ['ReadReq', 'ReadExReq', 'ReadCleanReq', 'ReadSharedReq', 'LoadLockedReq'];
const WRITES = ['WriteReq', 'WritebackDirty', 'WriteClean', 'WriteLineReq', 'StoreCondReq'];
const OPS: ReadonlyMap<number, number> = new Map([
  ...READS.map((name) => [COMMANDS.indexOf(name), LOAD] as const),
  ...WRITES.map((name) => [COMMANDS.indexOf(name), STORE] as const),
]);

export const gem5Protobuf: Importer = {
  name: 'gem5-protobuf',
  title: 'gem5 packet traces, Protocol Buffers',
  takes: ['fetches', 'level'],
  recognise: (head) => head.subarray(0, MAGIC.length).equals(MAGIC),
  read: async (file, bytes, { fetches = false, level = 'memory' }) => {
    const tally = emptyTally();
    tally.notes.push('Commands are numbered as in gem5 20 and later.');
    const metadata = () => ({
      level,
      timeUnit: 'ns' as const,
      pageBytes: 4096,
      samplePeriod: 1,
      physical: true,
      source: 'gem5 packet trace',
    });
    const made = readMessages(file, bytes, level, fetches, tally);
    return importedBatches(file, tally, made, metadata);
  },
};

/** The fields of a packet that count, as the last one read has them. */
type Packet = {
  tick: number;
  command: number;
  low: number;
  high: number;
  size: number;
  flags: number;
};

async function* readMessages(
  file: string,
  bytes: AsyncIterable<Buffer>,
  level: Level,
  fetches: boolean,
  tally: ImportTally,
): AsyncGenerator<TraceBatch> {
  const builder = new BatchBuilder();
  const varints = new Varints();
  const packet: Packet = { tick: 0, command: 0, low: 0, high: 0, size: 0, flags: 0 };
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let message = -2;
  let nsPerTick = 0;
  const fetchesApart = level === 'access';
  for await (const chunk of bytes) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (message === -2) {
      if (all.length < MAGIC.length) {
        rest = all;
        continue;
      }
      at = MAGIC.length;
      message = -1;
    }
    for (;;) {
      const begin = varints.read(all, at, all.length);
      if (begin === 0) break;
      const length = varints.low;
      const where = () => messageName(file, message, offset + at);
      if (begin < 0 || varints.high > 0 || length > MAX_MESSAGE)
        throw new Error(
          `${where()}: length (got ${lengthText(varints)}, expected up to ${MAX_MESSAGE})`,
        );
      if (begin + length > all.length) break;
      if (message === -1)
        nsPerTick = NS_PER_SECOND / tickFrequency(all, begin, length, varints, where);
      else {
        readPacket(all, begin, length, varints, packet, where);
        const op = OPS.get(packet.command);
        const fetch = fetchesApart && (packet.flags & INST_FETCH) !== 0;
        tally.records++;
        if (op === undefined) leaveOut(tally, commandText(packet.command));
        else if (fetch && !fetches) leaveOut(tally, 'instruction fetches');
        else {
          if (packet.size < 1 || packet.size > MAX_SIZE)
            throw new Error(`${where()}: size (got ${packet.size}, expected 1 to ${MAX_SIZE})`);
          const time = Math.floor(packet.tick * nsPerTick);
          if (!Number.isSafeInteger(time))
            throw new Error(`${where()}: tick (got ${packet.tick}, expected one below 2^53 ns)`);
          builder.push(time, packet.low, packet.high, packet.size, fetch ? FETCH : op, 0);
          if (builder.full) yield builder.take();
        }
      }
      message++;
      at = begin + length;
    }
    rest = all.subarray(at);
    offset += at;
  }
  if (rest.length > 0 || message < 0)
    throw new Error(
      `${messageName(file, message, offset)}: cut short (got ${rest.length} bytes of it)`,
    );
  if (builder.length > 0) yield builder.take();
}

function commandText(command: number): string {
  return COMMANDS[command] ?? `of command ${command}`;
}

function messageName(file: string, message: number, offset: number): string {
  return `${file}: ${message < 0 ? 'header' : `packet ${message}`} at offset ${offset}`;
}

function lengthText({ low, high }: Varints): string {
  return high > 0 ? 'above 2^32' : String(low);
}

/** Ticks in a second, which the header says. */
function tickFrequency(
  bytes: Buffer,
  from: number,
  length: number,
  varints: Varints,
  where: () => string,
): number {
  let frequency = 0;
  eachField(bytes, from, length, varints, where, (field) => {
    if (field === 3) frequency = varints.high * 0x1_0000_0000 + varints.low;
  });
  if (frequency === 0) throw new Error(`${where()}: tick_freq (got none, expected ticks a second)`);
  return frequency;
}

function readPacket(
  bytes: Buffer,
  from: number,
  length: number,
  varints: Varints,
  packet: Packet,
  where: () => string,
): void {
  packet.size = 0;
  packet.low = 0;
  packet.high = 0;
  packet.command = 0;
  packet.tick = 0;
  packet.flags = 0;
  eachField(bytes, from, length, varints, where, (field) => {
    if (field === 1) packet.tick = varints.high * 0x1_0000_0000 + varints.low;
    else if (field === 2) packet.command = varints.low;
    else if (field === 3) {
      packet.low = varints.low;
      packet.high = varints.high;
    } else if (field === 4) packet.size = varints.low;
    else if (field === 5) packet.flags = varints.low;
  });
}

/** Calls `take` at every varint field of a message, its value in `varints`; others are passed over. */
function eachField(
  bytes: Buffer,
  from: number,
  length: number,
  varints: Varints,
  where: () => string,
  take: (field: number) => void,
): void {
  const end = from + length;
  const wrong = (problem: string) =>
    new Error(`${where()}: not a message of packet.proto (${problem})`);
  for (let at = from; at < end; ) {
    at = varints.read(bytes, at, end);
    if (at <= 0) throw wrong('a field key that does not end');
    const [field, wire] = [varints.low >>> 3, varints.low & 7];
    if (wire === 0) {
      at = varints.read(bytes, at, end);
      if (at <= 0) throw wrong(`field ${field} does not end`);
      take(field);
    } else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      at = varints.read(bytes, at, end);
      if (at <= 0) throw wrong(`field ${field} does not end`);
      at += varints.high > 0 ? end : varints.low;
    } else throw wrong(`wire type ${wire}`);
    if (at > end) throw wrong(`field ${field} is longer than its message`);
  }
}
