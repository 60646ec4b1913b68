import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTrace } from '../traces/read-trace.ts';
import { infoOfTrace } from '../traces/trace-info.ts';

const FILE = 'samples/shuf.arrow.gz';

test('the bundled sample is what its README says', async () => {
  const readme = readFileSync('samples/README.md', 'utf8');
  const bytes = readFileSync(FILE);
  expect(readme).toContain(createHash('sha256').update(bytes).digest('hex'));
  const info = await infoOfTrace(FILE, await readTrace(FILE));
  const figures = [bytes.length, info.loads, info.stores, info.footprintPages];
  for (const figure of figures) expect(readme).toContain(figure.toLocaleString('en-US'));
  expect(readme).toContain(info.command?.replace(/^shuf /, ''));
  expect(info.footprintBytes).toBeGreaterThanOrEqual(32 * 2 ** 20);
});
