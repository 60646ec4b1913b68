import { lineError } from '../traces/line-error.ts';
import type { MeasuredPoint } from './memory/calibrate.ts';
import { parseWeights } from './mempolicy/weights.ts';

const HEADER = ['weights', 'read_share', 'gbps'];

/**
 * Reads measured points: CSV with the header `weights,read_share,gbps`; empty lines and those that begin with # are skipped.
 * `nodes` is how many weights there have to be. Throws where a line is something else, saying which.
 */
export function readPoints(file: string, text: string, nodes: number): MeasuredPoint[] {
  const points: MeasuredPoint[] = [];
  let header = false;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const fields = line.split(',').map((field) => field.trim());
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (!header) {
      if (fields.join() !== HEADER.join())
        throw lineError(file, i + 1, 'header', line, HEADER.join(','));
      header = true;
      continue;
    }
    if (fields.length !== HEADER.length) {
      throw lineError(file, i + 1, 'fields', `${fields.length} of them`, `${HEADER.length}`);
    }
    const [weights, share, gbps] = fields;
    const readShare = Number(share);
    if (share === '' || !(readShare >= 0 && readShare <= 1))
      throw lineError(file, i + 1, 'read_share', share, '0 to 1');
    if (gbps === '' || !(Number(gbps) > 0 && Number.isFinite(Number(gbps))))
      throw lineError(file, i + 1, 'gbps', gbps, 'a bandwidth in GB/s');
    try {
      const own = parseWeights(weights, nodes);
      points.push({ weights: own, readShare, gbps: Number(gbps) });
    } catch (error) {
      throw new Error(`${file}: line ${i + 1}: ${(error as Error).message}`);
    }
  }
  if (points.length === 0)
    throw new Error(`${file}: no points (expected lines of ${HEADER.join(',')})`);
  return points;
}
