import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cachesOfCopies } from '../models/memory/caches-per-copy.ts';
import type { Machine } from '../models/memory/machine.ts';
import type { Demand } from '../traces/demand.ts';
import { demandFromArrow, isDemand } from '../traces/demand-file.ts';
import { demandOfArrow } from '../traces/demand-of-arrow.ts';
import { DEFAULT_EPOCHS } from '../traces/demand-of-trace.ts';
import type { Pinning } from '../traces/pinning.ts';
import { readArrow } from '../traces/read-arrow.ts';

/** A demand, and for one made of a trace just now, how many epochs it was cut into at most. */
export type OpenedDemand = Readonly<{ demand: Demand; cut?: number }>;

/**
 * The demand in a file: of a trace, behind the caches one of `copies` copies has on this machine; or a demand file as
 * it is. Throws where the file is neither, where epochs are asked of a demand, and where a demand counts other lines or pages than the machine has.
 */
export async function openDemand(
  file: string,
  machine: Machine,
  options: Readonly<{
    copies: number;
    maxEpochs?: number;
    /** Which sockets the program's threads run on; then every copy spans those. */
    pinning?: Pinning;
    onProgress?: (accesses: number) => void;
  }>,
): Promise<OpenedDemand> {
  const { line_bytes: lineBytes, page_bytes: pageBytes } = machine;
  const { copies, maxEpochs, pinning, onProgress } = options;
  const caches = cachesOfCopies(machine, copies * (pinning?.sockets ?? 1));
  return readArrow(file, async (source) => {
    if (!isDemand(source.schema)) {
      const cut = maxEpochs ?? DEFAULT_EPOCHS;
      const demand = await demandOfArrow(file, source, {
        ...{ caches, lineBytes, pageBytes, maxEpochs: cut },
        ...(pinning === undefined ? {} : { pinning }),
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      return { demand, cut };
    }
    if (maxEpochs !== undefined) {
      throw new Error(
        `--epochs: no use (got ${file}, a demand that is cut already, expected a trace)`,
      );
    }
    if (pinning !== undefined) {
      throw new Error(
        `--pin: no use (got ${file}, a demand that is counted already, expected a trace)`,
      );
    }
    const demand = await demandFromArrow(file, source);
    const { metadata } = demand;
    if (metadata.lineBytes !== lineBytes || metadata.pageBytes !== pageBytes) {
      const got = `${metadata.lineBytes}-byte lines and ${metadata.pageBytes}-byte pages`;
      throw new Error(
        `${file}: units (got ${got}, expected ${machine.name}'s ${lineBytes} and ${pageBytes})`,
      );
    }
    return { demand };
  });
}

/** The SHA-256 of a file, in hex. */
export async function fileSha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
