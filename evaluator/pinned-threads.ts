import type { Machine } from '../models/memory/machine.ts';
import type { WeightHome } from '../models/mempolicy/weight-home.ts';
import type { Demand } from '../traces/demand.ts';
import type { PinnedThreads } from '../traces/pinning.ts';
import { sharedWords } from '../traces/shared-columns.ts';
import type { LoadColumns } from './loads.ts';

/**
 * The sockets a demand's pinned threads run on, from socket 0 to the last one that has any; undefined where threads are not
 * pinned. Throws where the machine has fewer, where one of them has no thread, and under the weight home `node`: then a page
 * is placed by the socket that touches it first, which a demand does not say.
 */
export function pinnedSockets(
  { metadata }: Demand,
  machine: Machine,
  home: WeightHome,
): readonly PinnedThreads[] | undefined {
  if (metadata.pinned === undefined) return undefined;
  const last = metadata.pinned.findLastIndex(({ threads }) => threads > 0);
  const pinned = metadata.pinned.slice(0, last + 1);
  if (pinned.length > machine.sockets.length) {
    throw new Error(
      `--pin: socket (got ${last}, expected below ${machine.sockets.length}, what ${machine.name} has)`,
    );
  }
  for (const { socket, threads } of pinned) {
    if (threads === 0)
      throw new Error(`--pin: socket ${socket} has no threads (got ${last} as the last that has)`);
  }
  if (home === 'node') {
    throw new Error(
      '--weight-home node: no use with pinned threads (got a page for several sockets, expected another home)',
    );
  }
  return pinned;
}

/**
 * The columns of a demand with the entries of every epoch apart by socket: what is socket `s` of epoch `e` becomes epoch
 * `e * sockets + s`, in the order of first touches.
 */
export function columnsBySocket(
  columns: LoadColumns,
  socket: Uint8Array,
  sockets: number,
): LoadColumns {
  const { epochStart, page, reads, writes } = columns;
  const epochs = epochStart.length - 1;
  const start = sharedWords(epochs * sockets + 1);
  const apart = {
    page: sharedWords(page.length),
    reads: sharedWords(page.length),
    writes: sharedWords(page.length),
  };
  let to = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let s = 0; s < sockets; s++) {
      for (let i = epochStart[epoch]; i < epochStart[epoch + 1]; i++) {
        if (socket[i] !== s) continue;
        apart.page[to] = page[i];
        apart.reads[to] = reads[i];
        apart.writes[to++] = writes[i];
      }
      start[epoch * sockets + s + 1] = to;
    }
  }
  return { ilx: columns.ilx, epochStart: start, ...apart };
}
