import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { resultContext } from '../../evaluator/result-context.ts';
import { scenario } from '../../evaluator/scenario.ts';
import { sweep } from '../../evaluator/sweep.ts';
import type { SweepResult } from '../../evaluator/sweep-result.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import { reportHtml } from '../../reports/report.ts';
import { demandOfTrace } from '../../traces/demand-of-trace.ts';
import { synthRandom } from '../../traces/synth/random.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const CHROMIUM = '/usr/bin/chromium';

async function resultOn(machineName: string, file: string): Promise<SweepResult> {
  const trace = synthRandom({
    pages: 8192,
    accesses: 100_000,
    seed: 2,
    level: 'memory',
    readShare: 0.7,
  });
  const demand = await demandOfTrace(file, trace, { caches: [], lineBytes: 64, pageBytes: 4096 });
  const made = scenario(demand, readMachine(machineName), {
    copies: 64,
    cpi: 0.5,
    computeShare: 0,
  });
  const swept = await sweep(made, { maxTotal: 12 });
  return {
    ...resultContext(made, { file, sha256: 'f00d', machine: 'my machine.json', epochs: 256 }),
    ...swept,
    warnings: ['Mind <this>.'],
  } as SweepResult;
}

describe('the report', () => {
  test('holds the headline, charts, tables and provenance, and loads nothing', async () => {
    const result = await resultOn('spr-1cxl', '<trace> & more.arrow');
    const page = await reportHtml(result);
    expect(page).toContain('<h1>Recommended weights');
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).toContain('Where the numbers come from');
    expect(page).toContain('&lt;trace&gt; &amp; more.arrow');
    expect(page).toContain('Mind &lt;this&gt;.');
    expect(page).not.toContain('<trace>');
    expect(page).not.toMatch(
      /<script|<link[^>]*href="(?!data:)|@import|(?<!xmlns(:xlink)?=")https?:\/\/[^ ]*"/,
    );
    expect(await reportHtml(result)).toBe(page);
  });

  test.skipIf(!existsSync(CHROMIUM))(
    'opens in a browser without a request or an error (needs chromium)',
    async () => {
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-component-update',
        ],
      });
      try {
        for (const machine of ['spr-1cxl', 'genoa-4cxl']) {
          const file = join(folder, `${machine}.html`);
          writeFileSync(file, await reportHtml(await resultOn(machine, 't.arrow')));
          for (const width of [1280, 390]) {
            const tab = await browser.newPage({ viewport: { width, height: 900 } });
            const requests: string[] = [];
            const errors: string[] = [];
            tab.on('request', (request) => requests.push(request.url()));
            tab.on('console', (message) => errors.push(message.text()));
            tab.on('pageerror', (error) => errors.push(String(error)));
            await tab.goto(`file://${file}`);
            const overflow =
              'document.documentElement.scrollWidth - document.documentElement.clientWidth';
            expect(await tab.evaluate(overflow)).toBe(0);
            expect(await tab.locator('svg:visible').count()).toBe(2);
            expect(requests).toEqual([`file://${file}`]);
            expect(errors).toEqual([]);
            await tab.close();
          }
        }
      } finally {
        await browser.close();
      }
    },
  );
});
