import type { Curve } from '../curve.ts';
import type { Machine, MachineNode } from '../machine.ts';
import type { Said, SocketFacts } from './facts.ts';

const MIB = 2 ** 20;

function assume<T>(value: T, why: string): Said<T> {
  return { value, source: `assumption: ${why}` };
}

/** The figures of a socket nobody described. */
export function defaultSocket({ threads }: SocketFacts) {
  return {
    cores:
      threads === undefined
        ? assume(32, '32 cores a socket, nothing says how many')
        : assume(threads.value, 'one hardware thread a core, nothing says how many'),
    threads: (cores: number) => assume(cores, 'one hardware thread a core'),
    lineFillBuffers: assume(16, '16 line-fill buffers a core, as Golden Cove has (12 before)'),
    clockGhz: assume(2.5, '2.5 GHz, nothing says how fast'),
  };
}

/** The caches of a machine nobody described: a modest server of Intel's. */
export function defaultCaches(cores: number): Said<Machine['caches']> {
  return assume(
    [
      { bytes: 48 * 1024, ways: 12, line_bytes: 64, holds: 'data', shared_by_cores: 1 },
      { bytes: 2 * MIB, ways: 16, line_bytes: 64, shared_by_cores: 1 },
      { bytes: 1.875 * MIB * cores, ways: 15, line_bytes: 64, shared_by_cores: cores },
    ],
    '48 KiB for data and 2 MiB a core, a last level of 1.875 MiB a core (Sapphire Rapids); nothing says which',
  );
}

/** The distance firmware usually tells, from a socket to a node. */
export function defaultDistance(kind: MachineNode['kind'], own: boolean): number {
  if (kind === 'cxl') return own ? 20 : 31;
  return own ? 10 : 21;
}

/** Idle latency of local DRAM where nothing was measured. */
export const LOCAL_NS = 100;

/** How early a curve rises where nobody measured it: 0.1 to 0.3 on measured DDR4 and DDR5 machines. */
export const QUEUEING = 0.2;

/** How far the bandwidth a curve rises to lies above the highest one measures: 1.1 to 1.2 times. */
export const ABOVE_PEAK = 1.15;

/** The curve of a node nobody measured. */
export function defaultCurve(kind: MachineNode['kind']): Said<Curve> {
  const gbps = { dram: 200, cxl: 25, hbm: 700 }[kind];
  return assume(
    { queueing: QUEUEING, bandwidth: [{ read_share: 1, gbps }] },
    `${gbps} GB/s at any mix and queueing ${QUEUEING}, a plain figure for ${kind}: no bandwidth is known`,
  );
}
