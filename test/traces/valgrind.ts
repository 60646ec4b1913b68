import { spawnSync } from 'node:child_process';

/** True where valgrind can be run; the tests that need it are skipped elsewhere. */
export const valgrind = spawnSync('valgrind', ['--version']).status === 0;
