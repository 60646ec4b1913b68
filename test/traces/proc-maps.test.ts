import { describe, expect, test } from 'vitest';
import { procMaps } from '../../traces/proc-maps.ts';

const MAPS = `55d000000000-55d000002000 r--p 00001000 08:01 1234                       /usr/bin/my program
55d000002000-55d000023000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000200000 rw-p 00000000 00:00 0 
7f0000200000-7f0000201000 rw-s 00003000 00:05 99                         /dev/shm/x (deleted)
7f0000300000-7f0000301000 rw-p 00000000 00:00 0                          [anon:glibc: malloc]
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
7ffc00100000-7ffc00102000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

const drawn = (text: string) =>
  procMaps('maps', text).map(
    ({ start, end, pgoff, kind, huge }) =>
      `${start.toString(16)}-${end.toString(16)} ${pgoff.toString(16)} ${kind}${huge ? ' huge' : ''}`,
  );

describe('a maps file', () => {
  const expected = [
    '55d000000000-55d000002000 1 file',
    '55d000002000-55d000023000 55d000002 heap',
    '7f0000000000-7f0000200000 7f0000000 anonymous',
    '7f0000200000-7f0000201000 3 shared',
    '7f0000300000-7f0000301000 7f0000300 anonymous',
    '7ffc00000000-7ffc00021000 7ffc00000 stack',
    '7ffc00100000-7ffc00102000 7ffc00100 special',
  ];

  test('gives mappings by address, kinds by name; pgoff is in the file, or the place of private memory', () => {
    expect(drawn(MAPS)).toEqual(expected);
  });

  test('may have CRLF, blank lines, comments, and no last newline', () => {
    expect(drawn(`# of pid 7\r\n\r\n${MAPS.replaceAll('\n', '\r\n').trimEnd()}`)).toEqual(expected);
  });

  test.each([
    ['another file', 'hello\n', /^maps: line 1: no mapping \(got "hello"/],
    ['details of no mapping', 'Size: 4 kB\n', /line 1: no mapping/],
    ['a wrong line', `${MAPS}oops\n`, /line 9: no mapping \(got "oops"/],
    [
      'an empty mapping',
      '2000-2000 rw-p 00000000 00:00 0\n',
      /line 1: mapping \(got 2000-2000, expected an end above the start/,
    ],
    [
      'an overlap',
      '1000-3000 rw-p 00000000 00:00 0\n2000-4000 rw-p 00000000 00:00 0\n',
      /line 2: mapping \(got 2000-4000, .* a start from 3000\)/,
    ],
    ['nothing', '\n', /^maps: no mappings/],
  ])('is refused where it is %s', (_, text, message) => {
    expect(() => procMaps('maps', text)).toThrow(message);
  });
});

test('smaps says which mappings are huge: by pages that are, or by flags that ask for it', () => {
  const smaps = `1000-2000 rw-p 00000000 00:00 0
Size:                  4 kB
AnonHugePages:         0 kB
THPeligible:           1
VmFlags: rd wr mr mw me ac sd
200000-600000 rw-p 00000000 00:00 0
AnonHugePages:      2048 kB
VmFlags: rd wr mr mw me ac
800000-a00000 rw-p 00000000 00:00 0
AnonHugePages:         0 kB
VmFlags: rd wr mr mw me ac hg
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
AnonHugePages:      2048 kB
`;
  expect(drawn(smaps)).toEqual([
    '1000-2000 1 anonymous',
    '200000-600000 200 anonymous huge',
    '800000-a00000 800 anonymous huge',
  ]);
});
