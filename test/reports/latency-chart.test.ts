import { describe, expect, test } from 'vitest';
import { presets } from '../../models/memory/presets.ts';
import { readMachine } from '../../models/memory/read-machine.ts';
import { latencyChart, machineSvg } from '../../reports/latency-chart.ts';

type Point = { panel: string; reads: string; gbps: number; ns: number };

function pointsOf(name: string): Point[] {
  const { data } = latencyChart(readMachine(name), 2) as unknown as { data: { values: Point[] } };
  return data.values;
}

const panelsOf = (name: string) => [...new Set(pointsOf(name).map((p) => p.panel))];

describe('the chart of latency under load', () => {
  test('has a panel for every path, one for all that are alike', () => {
    expect(panelsOf('three-tier')).toEqual(['node 0 (dram)', 'node 1 (hbm)', 'node 2 (cxl)']);
    expect(panelsOf('spr-4cxl')).toEqual(['node 0 (dram)', 'nodes 1, 2, 3, 4 (cxl)']);
    expect(panelsOf('clx-2s-upi')).toEqual([
      'socket 0 to node 0, 1 to 1 (dram)',
      'socket 0 to node 1, 1 to 0 (dram)',
    ]);
  });

  test.each([...presets.keys()])('%s: curves rise from idle latency to four times it', (name) => {
    const points = pointsOf(name);
    for (const panel of panelsOf(name)) {
      for (const reads of ['reads only', '2:1', '1:1']) {
        const curve = points.filter((p) => p.panel === panel && p.reads === reads);
        const idle = curve[0].ns;
        expect(readMachine(name).paths.map((p) => p.idle_ns)).toContain(idle);
        expect(curve.at(-1)?.ns).toBeCloseTo(4 * idle, 0);
        for (let i = 1; i < curve.length; i++) {
          expect(curve[i].gbps).toBeGreaterThan(curve[i - 1].gbps);
          expect(curve[i].ns).toBeGreaterThanOrEqual(curve[i - 1].ns);
        }
      }
    }
  });

  test('is an SVG that names its machine, units and read shares, the same bytes every time', async () => {
    const svg = await machineSvg(readMachine('three-tier'));
    expect(svg).toMatch(/^<svg [^>]*><style>/);
    for (const text of ['three-tier: latency under load', 'GB/s', 'ns', 'reads only', '2:1', '1:1'])
      expect(svg).toContain(`>${text}</text>`);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(await machineSvg(readMachine('three-tier'))).toBe(svg);
  });
});
