import { Bench } from 'tinybench';

/** How often each task is run. */
export const RUNS = 5;

/** Runs the named tasks and prints each one's rate in `unit` (of which a run does `amount`) and ratio to the first. */
export async function compare(
  title: string,
  unit: string,
  amount: number,
  tasks: Readonly<Record<string, () => unknown>>,
): Promise<void> {
  const bench = new Bench({ iterations: RUNS, time: 0, warmupIterations: 1, warmupTime: 0 });
  for (const [name, task] of Object.entries(tasks))
    bench.add(name, async () => void (await task()));
  await bench.run();
  process.stdout.write(`\n${title}\n`);
  const medians = bench.tasks.map((task) =>
    task.result.state === 'completed' ? task.result.latency.p50 : Number.NaN,
  );
  for (const [i, { name }] of bench.tasks.entries()) {
    const rate = (amount / medians[i]) * 1000;
    const shown = rate >= 1e6 ? `${(rate / 1e6).toFixed(1)} M` : `${Math.round(rate)}`;
    const ratio = (medians[i] / medians[0]).toFixed(2);
    process.stdout.write(
      `  ${name.padEnd(48)} ${shown.padStart(8)} ${unit}/s  time ${ratio.padStart(6)} x\n`,
    );
  }
}
