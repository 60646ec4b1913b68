import { spawnSync } from 'node:child_process';

/** The built command line. */
export const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;

/** The built command line run to its end: exit code, and what it wrote. */
export function numaweave(
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: object } = {},
) {
  const { env, ...rest } = options;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
    ...rest,
  });
  return { status, stdout, stderr };
}
