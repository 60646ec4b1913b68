/**
 * What one copy of a program puts on every node under a placement: lines read and written at `epoch * nodes + node`, and
 * for each node the pages that lie on it. Whole numbers below 2^53, so that any order of adding gives the same bits.
 */
export type Loads = Readonly<{ reads: Float64Array; writes: Float64Array; pages: Float64Array }>;

/** Loads of zero over so many epochs and nodes. */
export function noLoads(epochs: number, nodes: number): Loads {
  return {
    reads: new Float64Array(epochs * nodes),
    writes: new Float64Array(epochs * nodes),
    pages: new Float64Array(nodes),
  };
}

/** The columns of a demand that loads are counted from; `page` is a place in `ilx`. */
export type LoadColumns = Readonly<{
  ilx: Float64Array;
  epochStart: Uint32Array;
  page: Uint32Array;
  reads: Uint32Array;
  writes: Uint32Array;
}>;

/** Counts the loads of a placement page by page; `placed` is the node of every page. */
export function countLoads(columns: LoadColumns, placed: Uint8Array, nodes: number): Loads {
  const { epochStart, page, reads, writes } = columns;
  const epochs = epochStart.length - 1;
  const loads = noLoads(epochs, nodes);
  for (let i = 0; i < placed.length; i++) loads.pages[placed[i]]++;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const end = epochStart[epoch + 1];
    for (let i = epochStart[epoch]; i < end; i++) {
      const at = epoch * nodes + placed[page[i]];
      loads.reads[at] += reads[i];
      loads.writes[at] += writes[i];
    }
  }
  return loads;
}
