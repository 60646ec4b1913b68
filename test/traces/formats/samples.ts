import { CHAMPSIM, DRMEMTRACE, GEM5_PROTOBUF } from './samples-binary.ts';
import { TEXT_SAMPLES } from './samples-text.ts';

/**
 * A small sample of every format there is an importer for, by the importer's name: what the fuzz test damages. A new format adds
 * an entry; some dozen records that use all of the format are best.
 */
export const SAMPLES: Readonly<Record<string, Buffer>> = {
  ...Object.fromEntries(
    Object.entries(TEXT_SAMPLES).map(([name, { text }]) => [name, Buffer.from(text)]),
  ),
  drmemtrace: DRMEMTRACE,
  champsim: CHAMPSIM,
  'gem5-protobuf': GEM5_PROTOBUF,
  lackey: Buffer.from(
    `==7== Lackey, an example Valgrind tool
==7== Command: sort -r f.txt
--7-- a warning
I  0401ab70,3
 S 1fff000778,8
I  0401ab73,5
 L ffff80001fff0770,32
I  0401b770,1
 M 04033e06,1
 S 1fff000770,8

==7==
==7== Counted 3 calls to main()
==7== Exit code:       0
`,
  ),
};
