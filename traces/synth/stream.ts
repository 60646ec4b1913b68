import { type Level, LOAD, STORE } from '../trace.ts';
import { staticSchedule } from './static-schedule.ts';
import {
  BASE_ADDRESS,
  LINE_BYTES,
  PAGE_BYTES,
  type SynthTrace,
  synthTrace,
} from './synth-trace.ts';

const ELEMENT_BYTES = 8;

/**
 * STREAM's kernels: the arrays each reads, in the order of its source, and the one it writes; `a`, `b`, `c` are 0, 1, 2
 * (J. D. McCalpin, stream.c 5.10: `c = a`, `b = s * c`, `c = a + b`, `a = b + s * c`).
 */
const KERNELS = {
  copy: { reads: [0], write: 2 },
  scale: { reads: [2], write: 1 },
  add: { reads: [0, 1], write: 2 },
  triad: { reads: [1, 2], write: 0 },
} as const;

export type StreamKernel = keyof typeof KERNELS;
export const STREAM_KERNELS = Object.keys(KERNELS) as readonly StreamKernel[];

/**
 * One of STREAM's kernels over its three arrays, which lie one after another, each from the start of a page: `iterations`
 * passes, each thread over a contiguous chunk (`schedule(static)`), threads taking turns by element.
 *
 * At access level an element is 8 bytes, loaded or stored. At memory level it is a line, and the traffic what STREAM itself
 * counts: a line that is written is not read before (as with streaming stores). For ordinary stores, which do read it, make
 * an access-level trace and pass it through caches. `arrayBytes` is a multiple of the line.
 */
export function synthStream(
  options: Readonly<{
    kernel: StreamKernel;
    arrayBytes: number;
    iterations: number;
    level: Level;
    threads: number;
  }>,
): SynthTrace {
  const { kernel, arrayBytes, iterations, level, threads } = options;
  const { reads, write } = KERNELS[kernel];
  const size = level === 'memory' ? LINE_BYTES : ELEMENT_BYTES;
  const elements = arrayBytes / size;
  return synthTrace(
    {
      pattern: `stream ${kernel}`,
      options: { arrayBytes, iterations, level, threads },
      level,
      accesses: iterations * elements * (reads.length + 1),
      threads,
    },
    function* (builder) {
      const apart = Math.ceil(arrayBytes / PAGE_BYTES) * PAGE_BYTES;
      const [first, second] = reads.map((array) => BASE_ADDRESS + array * apart);
      const target = BASE_ADDRESS + write * apart;
      const chunks = staticSchedule(elements, threads);
      let time = 0;
      for (let iteration = 0; iteration < iterations; iteration++) {
        for (let i = 0; i < chunks[0].length; i++) {
          for (let thread = 0; thread < threads; thread++) {
            const { start, length } = chunks[thread];
            if (i >= length) break;
            if (!builder.hasRoom(3)) yield builder.take();
            const offset = (start + i) * size;
            const a = first + offset;
            builder.push(time++, a, a / 0x1_0000_0000, size, LOAD, thread);
            if (second !== undefined) {
              const b = second + offset;
              builder.push(time++, b, b / 0x1_0000_0000, size, LOAD, thread);
            }
            const c = target + offset;
            builder.push(time++, c, c / 0x1_0000_0000, size, STORE, thread);
          }
        }
      }
    },
  );
}
