import type { Machine } from './machine.ts';

/** Copies that run where nothing else is asked for: one for each core of all sockets. */
export function coresOf(machine: Machine): number {
  return machine.sockets.reduce((sum, { cores }) => sum + cores, 0);
}

/** Copies on every socket: they are dealt to the sockets in turn, copy i to socket i mod S, however many cores each has. */
export function copiesPerSocket(machine: Machine, copies: number): number[] {
  const { length } = machine.sockets;
  return machine.sockets.map((_, socket) => Math.ceil(Math.max(0, copies - socket) / length));
}
