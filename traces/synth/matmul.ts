import { LOAD, STORE } from '../trace.ts';
import { staticSchedule } from './static-schedule.ts';
import { BASE_ADDRESS, PAGE_BYTES, type SynthTrace, synthTrace } from './synth-trace.ts';

/**
 * A blocked matrix multiply, `C = C + A * B` of `n` x `n` elements in row-major order, at access level:
 *
 *     for each block of rows I, of columns J, of the inner index K:
 *       for i in I, j in J:  sum = C[i][j];  for k in K: sum += A[i][k] * B[k][j];  C[i][j] = sum
 *
 * (M. S. Lam, E. E. Rothberg, M. E. Wolf, "The cache performance and optimizations of blocked algorithms", ASPLOS 1991,
 * have the same blocks in another order.) That is `2 n^3 + 2 n^3 / block` accesses; `block` divides `n`. Each thread has a
 * contiguous run of row blocks (`schedule(static)`), and threads take turns by element of `C`. The three matrices lie one
 * after another, each from the start of a page. The sum is held in a register; the code's own fetches are left out.
 */
export function synthMatmul(
  options: Readonly<{ n: number; block: number; elementBytes: number; threads: number }>,
): SynthTrace {
  const { n, block, elementBytes, threads } = options;
  return synthTrace(
    {
      pattern: 'matmul',
      options: { n, block, elementBytes, threads },
      level: 'access',
      accesses: 2 * n ** 3 + (2 * n ** 3) / block,
      threads,
    },
    function* (builder) {
      const apart = Math.ceil((n * n * elementBytes) / PAGE_BYTES) * PAGE_BYTES;
      const [a, b, c] = [0, 1, 2].map((matrix) => BASE_ADDRESS + matrix * apart);
      const across = n / block;
      const chunks = staticSchedule(across, threads);
      const inRowBlock = across * across * block * block;
      let time = 0;
      for (let step = 0; step < chunks[0].length * inRowBlock; step++) {
        const j = step % block;
        const i = Math.floor(step / block) % block;
        const blockOf = Math.floor(step / (block * block));
        const k = (blockOf % across) * block;
        const column = (Math.floor(blockOf / across) % across) * block + j;
        const rowBlock = Math.floor(blockOf / (across * across));
        for (let thread = 0; thread < threads; thread++) {
          const { start, length } = chunks[thread];
          if (rowBlock >= length) break;
          if (!builder.hasRoom(2 * block + 2)) yield builder.take();
          const row = ((start + rowBlock) * block + i) * n;
          const sum = c + (row + column) * elementBytes;
          builder.push(time++, sum, sum / 0x1_0000_0000, elementBytes, LOAD, thread);
          for (let inner = k; inner < k + block; inner++) {
            const left = a + (row + inner) * elementBytes;
            const right = b + (inner * n + column) * elementBytes;
            builder.push(time++, left, left / 0x1_0000_0000, elementBytes, LOAD, thread);
            builder.push(time++, right, right / 0x1_0000_0000, elementBytes, LOAD, thread);
          }
          builder.push(time++, sum, sum / 0x1_0000_0000, elementBytes, STORE, thread);
        }
      }
    },
  );
}
