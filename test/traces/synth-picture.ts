import type { SynthTrace } from '../../traces/synth/synth-trace.ts';
import { rowsOf } from './sample-trace.ts';

const BASE = 1n << 40n;

/**
 * A synthetic trace drawn: `L` or `S`, the address in hexadecimal, counted from the start of the footprint, and the thread
 * where there are several: `L0/0 S1000/1`.
 */
export async function picture(trace: SynthTrace): Promise<string> {
  const rows = await rowsOf(trace);
  return rows
    .map(({ address, op, thread }) => {
      const offset = (BigInt(address) - BASE).toString(16);
      return `${'LS'[op]}${offset}${trace.threads > 1 ? `/${thread}` : ''}`;
    })
    .join(' ');
}
