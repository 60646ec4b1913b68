import { spawnSync } from 'node:child_process';

function runs(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** True where programs of this machine can be recorded under QEMU; the tests that need it are skipped elsewhere. */
export const qemu = process.arch === 'x64' && runs('qemu-x86_64') && runs(process.env.CC ?? 'cc');
