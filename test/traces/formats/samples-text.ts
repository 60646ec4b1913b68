/** Small samples of text formats, written from their producers' documentation: text, and the rows and tally they make. */

export type TextSample = Readonly<{
  text: string;
  /** `time tTHREAD R|W|F address-in-hex size` */
  rows: readonly string[];
  records: number;
  leftOut?: Readonly<Record<string, number>>;
  metadata: object;
  /** A line that is wrong here, and what is said of it. */
  wrong: readonly [string, RegExp];
}>;

export const TEXT_SAMPLES: Readonly<Record<string, TextSample>> = {
  'perf-script': {
    text: `        sort  1234 [003] 12.000000100:       1000 cpu/mem-loads,ldlat=30/P:     7ffd12345678         1e05080021 |OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A     31 401000 main+0x10 (/usr/bin/sort)
        sort  1235 [004] 12.000000300:       3000      cpu/mem-stores/P:     7ffd12340000          5080022 |OP STORE|LVL L1 miss|SNP N/A|TLB N/A|LCK N/A|BLK  N/A      0 401010 main+0x20 (/usr/bin/sort)
        sort  1234 [003] 12.000000500:       2000 cpu/mem-loads,ldlat=30/P: ffff888012345678         1e05080021 |OP LOAD|LVL Local RAM hit|SNP None|TLB L2 miss|LCK No|BLK  N/A    231 401000 main+0x10 (/usr/bin/sort)
        sort  1234 [003] 12.000000700:       2000 cpu/mem-loads,ldlat=30/P:                0         1e05080021 |OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A     31 401000 main+0x10 (/usr/bin/sort)
`,
    rows: [
      '12000000100 t1234 R 7ffd12345678 1',
      '12000000300 t1235 W 7ffd12340000 1',
      '12000000500 t1234 R ffff888012345678 1',
    ],
    records: 4,
    leftOut: { 'without an address': 1 },
    metadata: { level: 'access', timeUnit: 'ns', samplePeriod: 2000 },
    wrong: ['sort 1234 what is this', /line 5: not a sample \(got "sort 1234 what is this"/],
  },
  'damon-perf': {
    text: `       kdamond.0  4452 [000] 82820.000000: damon:damon_aggregated: target_id=18446623435582458880 nr_regions=2 1048576-2097152: 0
       kdamond.0  4452 [000] 82820.000000: damon:damon_aggregated: target_id=18446623435582458880 nr_regions=2 4194304-8388608: 1
       kdamond.0  4452 [000] 82820.100000: damon:damon_aggregated: target_id=18446623435582458880 nr_regions=1 4194304-4456448: 2 7
`,
    // 1,024 pages touched once make 16 rows in 64, 64 pages touched twice 2.
    rows: [],
    records: 3,
    leftOut: { 'regions found idle': 1 },
    metadata: { level: 'memory', timeUnit: 'ns', samplePeriod: 64 },
    wrong: [
      'kdamond.0 1 [000] 82821.0000: damon:damon_aggregated: target_id=1',
      /line 4: not a region/,
    ],
  },
  'damo-raw': {
    text: `base_time_absolute: 8 m 59.809 s

monitoring_start:                0 ns
monitoring_end:            100.000 ms
monitoring_duration:       100.000 ms
target_id: 0
nr_regions: 2
# start_addr     end_addr        length  nr_accesses   age
000000100000-000000200000 (   1.000 MiB)           0    -1
000000400000-000000800000 (   4.000 MiB)           1    -1
`,
    rows: [],
    records: 2,
    leftOut: { 'regions found idle': 1 },
    metadata: { level: 'memory', timeUnit: 'ns', samplePeriod: 64 },
    wrong: ['000000400000-zz (1 B) 1 1', /line 11: .*got/],
  },
  memgaze: {
    text: `0x40b21f 0x7ffec7780340 2 12.000000001 1
0x40b1c2 0xffff800000000338 0 12.000000003 1
0x40b1c2 0x7ffec7780338 0 12.000000005 2
`,
    rows: [
      '12000000001 t2 R 7ffec7780340 1',
      '12000000003 t0 R ffff800000000338 1',
      '12000000005 t0 R 7ffec7780338 1',
    ],
    records: 3,
    metadata: { level: 'access', timeUnit: 'ns', samplePeriod: 1, sampleLength: 2 },
    wrong: ['0x40b1c2 0x7ffec7780338 0', /line 4: .*got "0x40b1c2 0x7ffec7780338 0"/],
  },
  'amd-ibs': {
    text: `TSC,CPU_Number,TID,IbsOpMaxCnt[26:0],DataSrc,IbsLdOp,IbsStOp,IbsDcLinAddrValid,IbsOpMemWidth,IbsDcLinAd,Instruction
100,33,286258,10400,-,0,0,0,0,0,mov    %r13 %rax,
200,33,286258,10400,DRAM,1,0,1,8,0x7ffd459a5ba8,retq,
300,33,286259,10400,-,1,1,1,4,0x7ffd459a5bb0,lock incl,
400,33,286258,10400,-,1,0,0,8,-,retq,
`,
    rows: [
      '200 t286258 R 7ffd459a5ba8 8',
      '300 t286259 R 7ffd459a5bb0 4',
      '300 t286259 W 7ffd459a5bb0 4',
    ],
    records: 4,
    leftOut: { 'neither load nor store': 1, 'without a valid address': 1 },
    metadata: { level: 'access', timeUnit: 'cycles', samplePeriod: 10_400 },
    wrong: ['1,2', /line 6: too few fields \(got "2", expected at least 10\)/],
  },
  dramsim3: {
    text: `0x2000D5C0 READ  30
0x1FF96FC4 WRITE   160
FFFFFFFFFFFFFFC0 P_MEM_WR 165
0x40 BOFF 170
`,
    rows: [
      '30 t0 R 2000d5c0 64',
      '160 t0 W 1ff96fc0 64',
      '165 t0 W ffffffffffffffc0 64',
      '170 t0 W 40 64',
    ],
    records: 4,
    metadata: { level: 'memory', timeUnit: 'cycles', physical: true },
    wrong: ['0x40 READS 3', /line 5: not a request \(got "0x40 READS 3", expected like/],
  },
  'ramulator2-ldst': {
    text: 'LD 0x7f001040\nST 18446744073709551615\nLD 64\n',
    rows: ['0 t0 R 7f001040 64', '1 t0 W ffffffffffffffc0 64', '2 t0 R 40 64'],
    records: 3,
    metadata: { level: 'memory', timeUnit: 'accesses', physical: true },
    wrong: ['LD 18446744073709551616', /line 4: not a request/],
  },
  'ramulator2-simpleo3': {
    text: '3 20734016\n8 20841280 20841344\n0 9007199254740993\n',
    rows: [
      '4 t0 R 13c6040 64',
      '13 t0 R 13e0340 64',
      '13 t0 W 13e0380 64',
      '14 t0 R 20000000000000 64',
    ],
    records: 3,
    metadata: { level: 'memory', timeUnit: 'instructions' },
    wrong: ['3 0x40', /line 4: not a SimpleO3 record/],
  },
  'gem5-ascii': {
    text: '5,r,2147483712,64,0,1500\nw,128,8,0,2500\nu,128,8,0,2600\nr,4096,4,256,3000,4198400\n',
    rows: ['1 t0 R 80000040 64', '2 t0 W 80 8'],
    records: 4,
    leftOut: { 'neither ReadReq nor WriteReq': 1, 'instruction fetches': 1 },
    metadata: { level: 'access', timeUnit: 'ns', physical: true },
    wrong: ['r,128,0,0,9', /line 5: not a packet \(got "r,128,0,0,9"/],
  },
  pinatrace: {
    text: '0x7f8e3b4c1d3c: R 0x7ffd8c0a1b40\n0x7f8e3b4c1d3e: W 0xffffffffffffffff 8 0x5\n#eof\n',
    rows: ['0 t0 R 7ffd8c0a1b40 1', '1 t0 W ffffffffffffffff 8'],
    records: 2,
    metadata: { level: 'access', timeUnit: 'accesses' },
    wrong: ['0x7f8e: X 0x1', /line 4: not a pinatrace record/],
  },
  csv: {
    text: 'Time_ns,tid,"address",op,size,why\n5,1,0x7f001040,R,8,"a, b"\n6,2,18446744073709551615,store,4,\n',
    rows: ['5 t1 R 7f001040 8', '6 t2 W ffffffffffffffff 4'],
    records: 2,
    metadata: { level: 'access', timeUnit: 'ns', samplePeriod: 1 },
    wrong: ['7,1,0x40,R,0,', /line 4: size \(got "0", expected 1 to 65535 bytes\)/],
  },
  jsonl: {
    text: '{"cycle": 5, "addr": 9007199254740993, "rw": "W", "bytes": 8, "tid": 3}\n{"cycle": 6, "addr": "0x40", "rw": 0, "bytes": 4, "tid": 3}\n',
    rows: ['5 t3 W 20000000000001 8', '6 t3 R 40 4'],
    records: 2,
    metadata: { level: 'access', timeUnit: 'cycles' },
    wrong: ['{"cycle": 7, "addr": {}}', /line 3: JSON \(got/],
  },
};
