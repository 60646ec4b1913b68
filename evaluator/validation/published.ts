/** Bandwidths that others measured and published: what the time model is held against. GB/s; each with its source. */

const LETTER =
  'G. Price, mm/mempolicy: weighted interleave, v2 cover letter, message 20240119175730.15484-1-gregory.price@memverge.com';

/**
 * STREAM on 64 threads of one socket with 8 DDR5 channels and one CXL expander. Reads are a share of all lines, with
 * non-temporal stores (with others Copy would move more than the channels can carry).
 */
export const STREAM = {
  source: `${LETTER}: STREAM, 64 threads, 8 DDR5 channels and one CXL expander`,
  kernels: [
    { name: 'Copy', readShare: 1 / 2, dram: 200.92, cxl: 22.21, even: 44.67, nineToOne: 205.83 },
    { name: 'Scale', readShare: 1 / 2, dram: 202.12, cxl: 22.29, even: 44.78, nineToOne: 208.17 },
    { name: 'Add', readShare: 2 / 3, dram: 208.87, cxl: 24.42, even: 48.6, nineToOne: 217.35 },
    { name: 'Triad', readShare: 2 / 3, dram: 208.52, cxl: 24.48, even: 48.73, nineToOne: 216.88 },
  ],
} as const;

/** Intel MLC on one socket with several CXL expanders (Micron, in the same letter); their number is not published. */
export const MLC = {
  source: `${LETTER}: Intel MLC on one socket with several CXL expanders (Micron)`,
  mixes: [
    {
      name: 'W2 (2 reads : 1 write)',
      readShare: 2 / 3,
      dram: 298.8,
      even: 113.04,
      weighted: 412.5,
    },
    { name: 'W5 (1 read : 1 write)', readShare: 1 / 2, dram: 273.2, even: 117.23, weighted: 382.7 },
  ],
} as const;

/** What was published beside these and is not predicted, and why not. */
export const NOT_PREDICTED = [
  {
    what: 'STREAM 9:1, whole process',
    why: 'its code, stacks and page cache are interleaved too; how much of them, and what of it is used, is not published',
  },
  {
    what: 'MLC W2 at 85:15 is 2.65 times 1:1 (Jonnalagadda, message 20230927095002.10245-1-ravis.opensrc@micron.com)',
    why: 'neither the bandwidth of its DRAM nor that of its CXL memory is published: any ratio up to 3.3 is possible',
  },
  {
    what: 'eight CZ122 expanders beside 12 DDR5-6400 channels: +24 % read-only, up to +39 % mixed (arXiv 2412.12491)',
    why: 'the bandwidth of DRAM alone is not in its abstract; it is where the number of expanders in the MLC cases is from',
  },
] as const;
