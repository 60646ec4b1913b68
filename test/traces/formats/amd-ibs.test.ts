import { expect, test } from 'vitest';
import { amdIbs } from '../../../traces/formats/amd-ibs.ts';
import { imported } from '../imported.ts';

const text = `TSC,CPU_Number,TID,PID,IbsOpMaxCnt[26:0],DataSrc,IbsLdOp,IbsStOp,IbsDcLinAddrValid,IbsOpMemWidth,IbsDcLinAd,IbsDcPhysAd,
100,33,77,70,10400,-,0,0,0,0,-,-,mov    %r13 %rax,
105,33,77,70,10400,-,1,0,1,8,0x7ffd459a5ba8,0x1d0c37cba8,f(int, int)
110,33,78,70,10400,DRAM,1,0,1,4,0x7ffd459a5bc4,0x1d0c37cbc4,
115,33,78,70,10400,-,1,1,1,0,0x7ffd459a5bc0,-,
120,33,78,70,10400,-,0,1,0,8,-,-,
`;

test('loads and stores with a valid address; a locked op is both', async () => {
  const { rows, leftOut, metadata } = await imported(amdIbs, text);
  expect(rows).toEqual([
    '105 7ffd459a5ba8 8 L 77',
    '110 7ffd459a5bc4 4 L 78',
    '115 7ffd459a5bc0 1 L 78',
    '115 7ffd459a5bc0 1 S 78',
  ]);
  expect(leftOut).toEqual({ 'neither load nor store': 1, 'without a valid address': 1 });
  expect(metadata).toMatchObject({ samplePeriod: 10400, timeUnit: 'cycles', level: 'access' });
});

test('at memory only what DRAM served', async () => {
  const { rows, leftOut } = await imported(amdIbs, text, { level: 'memory' });
  expect(rows).toEqual(['110 7ffd459a5bc0 64 L 78']);
  expect(leftOut).toMatchObject({ 'not served by DRAM': 2 });
});

test('refuses a header without the columns, short lines and wrong values', async () => {
  const refused = (changed: string, message: RegExp) =>
    expect(imported(amdIbs, changed)).rejects.toThrow(message);
  await refused(text.replace('TID', 'TDI'), /line 1: header .*expected a column TID/);
  await refused(`${text}1,2,3\n`, /line 7: too few fields \(got "3", expected at least 11\)/);
  await refused(text.replace('0x7ffd459a5ba8', '-'), /line 3: IbsDcLinAd \(got "-"/);
  await refused(text.replace('105,', '-5,'), /line 3: TSC \(got "-5"/);
  await refused(text.replace(',8,0x', ',70000,0x'), /line 3: IbsOpMemWidth \(got "70000"/);
});
