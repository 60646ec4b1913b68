/**
 * The calls of the 2023 proposal that act on another process, named by a pidfd: EBADF where the descriptor is none, ESRCH
 * where the process has ended, EPERM where it is neither the same user's nor the caller has CAP_SYS_NICE.
 */

import type { Errno, Outcome } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { endMemory } from './memory-mapping.ts';

/** The first descriptor a process gets: 0 to 2 are its standard ones. */
const FIRST_FD = 3;

/** pidfd_open: a descriptor for a process, the lowest that is free. ESRCH where there is no such process, or it has ended. */
export function openPidfd(kernel: Kernel, caller: Task, name: string): number | Errno {
  const target = kernel.tasks.get(name);
  if (target === undefined || target.exited) return 'ESRCH';
  let fd = FIRST_FD;
  while (caller.pidfds.has(fd)) fd++;
  caller.pidfds.set(fd, target);
  return fd;
}

/** close of a pidfd. */
export function closePidfd(caller: Task, fd: number): Outcome {
  return caller.pidfds.delete(fd) ? 0 : 'EBADF';
}

/** The process a pidfd names, if the caller may act on it. */
export function processOf(caller: Task, fd: number): Task | Errno {
  const target = caller.pidfds.get(fd);
  if (target === undefined) return 'EBADF';
  if (target.exited) return 'ESRCH';
  return target.uid === caller.uid || caller.cap_sys_nice ? target : 'EPERM';
}

/** Ends a process; its memory goes back, its pidfds stay and find nobody. */
export function exitTask(kernel: Kernel, task: Task): void {
  endMemory(kernel, task);
  task.exited = true;
}
