/** The calls of the 2023 proposal. Fields of `struct mpol_args` are given and answered by their names. */

import { getMempolicy2, getVmaMempolicy, type PolicyAnswer } from '../calls/get-mempolicy.ts';
import { setVmaMempolicy } from '../calls/mbind.ts';
import { copyArgs, MPOL_ARGS_SIZE, type MpolArgs, mpolArgs } from '../calls/mpol-args.ts';
import { processOf } from '../calls/process.ts';
import { setMempolicy2 } from '../calls/set-mempolicy.ts';
import { type Errno, failed } from '../kernel/errno.ts';
import type { Kernel, Task } from '../kernel/kernel.ts';
import { type Answer, answerOf } from './answer.ts';
import { addressOf, countOf, maskOf, namedArguments, numberOf, weightsOf } from './arguments.ts';
import type { Commands, ScriptState } from './command.ts';

const IN = [
  'mode',
  'mode_flags',
  'policy_nodemask',
  'policy_maxnode',
  'home_node',
  'interleave_weights',
];
const OUT = [
  'policy_nodemask',
  'policy_maxnode',
  'mems_allowed',
  'mems_maxnode',
  'interleave_weights',
];
const SIZE = ['usize', 'tail'];
const MAXNODE = 64;

/** The structure of a call that sets: `mode=6 policy_nodemask=f interleave_weights=5,1`. */
function argsIn(words: readonly string[]): MpolArgs | Errno {
  const named = namedArguments(words, [...IN, ...SIZE]);
  const number = (name: string, absent: number) =>
    named.has(name) ? numberOf(named.get(name) ?? '', name) : absent;
  const mask = named.get('policy_nodemask');
  const weights = named.get('interleave_weights');
  const args = mpolArgs({
    mode: number('mode', 0),
    mode_flags: number('mode_flags', 0),
    policy_nodemask: mask === undefined ? null : maskOf(mask),
    policy_maxnode: number('policy_maxnode', mask === undefined ? 0 : MAXNODE),
    home_node: number('home_node', -1),
    interleave_weights: weights === undefined ? null : weightsOf(weights),
  });
  return sized(args, named);
}

/** The structure of a call that asks, by the pointers that are set: `policy_nodemask mems_allowed`. */
function argsOut(words: readonly string[]): MpolArgs | Errno {
  const named = namedArguments(words, [...OUT, ...SIZE]);
  const number = (name: string) =>
    named.has(name) ? countOf(named.get(name) ?? '', name) : MAXNODE;
  const pointers = ['policy_nodemask', 'mems_allowed', 'interleave_weights'];
  const all = !pointers.some((name) => named.has(name));
  const args = mpolArgs({
    policy_nodemask: all || named.has('policy_nodemask') ? 0n : null,
    policy_maxnode: number('policy_maxnode'),
    mems_allowed: named.has('mems_allowed'),
    mems_maxnode: number('mems_maxnode'),
    interleave_weights: named.has('interleave_weights') ? [] : null,
  });
  return sized(args, named);
}

function sized(args: MpolArgs, named: ReadonlyMap<string, string>): MpolArgs | Errno {
  const usize = countOf(named.get('usize') ?? String(MPOL_ARGS_SIZE), 'usize');
  return copyArgs(args, usize, countOf(named.get('tail') ?? '0', 'tail') !== 0);
}

function printed(answer: PolicyAnswer): string {
  const { mode, mode_flags, policy_nodemask, mems_allowed, policy_node, interleave_weights } =
    answer;
  const mask = (name: string, value: bigint | undefined) =>
    value === undefined ? [] : [`${name}=${value.toString(16)}`];
  const number = (name: string, value: number | undefined) =>
    value === undefined ? [] : [`${name}=${value}`];
  return [
    `mode=${mode}`,
    `mode_flags=0x${mode_flags.toString(16)}`,
    ...mask('policy_nodemask', policy_nodemask),
    ...mask('mems_allowed', mems_allowed),
    ...number('policy_node', policy_node),
    ...number('vma_node', answer.vma_node),
    ...number('home_node', answer.home_node),
    ...(interleave_weights === undefined
      ? []
      : [`interleave_weights=${interleave_weights.join(',')}`]),
  ].join(' ');
}

type Asking = (
  kernel: Kernel,
  target: Task,
  args: MpolArgs,
  weights: boolean,
) => PolicyAnswer | Errno;

function ask(kernel: Kernel, target: Task | Errno, args: MpolArgs | Errno, call: Asking): Answer {
  if (failed(args)) return answerOf(args);
  if (failed(target)) return answerOf(target);
  const answer = call(kernel, target, args, args.interleave_weights !== null);
  return failed(answer) ? answerOf(answer) : answerOf(0, printed(answer));
}

/** Asks for the policy at an address. */
const askVma =
  (address: string): Asking =>
  (kernel, target, args, weights) =>
    getVmaMempolicy(kernel, target, addressOf(address), args, weights);

function set(kernel: Kernel, target: Task | Errno, args: MpolArgs | Errno): Answer {
  if (failed(args)) return answerOf(args);
  return answerOf(failed(target) ? target : setMempolicy2(kernel, target, args));
}

function setVma(
  { kernel, task }: ScriptState,
  target: Task | Errno,
  [address, pages, flags, ...fields]: readonly string[],
): Answer {
  const args = argsIn(fields);
  const range = [addressOf(address), countOf(pages, 'pages') * kernel.topology.pageBytes] as const;
  const moving = numberOf(flags, 'flags');
  if (failed(args)) return answerOf(args);
  if (failed(target)) return answerOf(target);
  return answerOf(setVmaMempolicy(kernel, task, target, ...range, args, moving));
}

const named = ({ task }: ScriptState, fd: string) => processOf(task, numberOf(fd, 'pidfd'));

export const proposalCommands: Commands = {
  set_mempolicy2: {
    usage: 'FIELD=VALUE… [usize=N [tail=1]]',
    least: 0,
    most: 8,
    run: ({ kernel, task }, fields) => set(kernel, task, argsIn(fields)),
  },
  get_mempolicy2: {
    usage: '[FIELD…] [usize=N [tail=1]]',
    least: 0,
    most: 7,
    run: ({ kernel, task }, fields) => ask(kernel, task, argsOut(fields), getMempolicy2),
  },
  get_vma_mempolicy: {
    usage: 'ADDR [FIELD…] [usize=N [tail=1]]',
    least: 1,
    most: 8,
    run: ({ kernel, task }, [address, ...fields]) =>
      ask(kernel, task, argsOut(fields), askVma(address)),
  },
  set_vma_mempolicy: {
    usage: 'ADDR PAGES FLAGS FIELD=VALUE… [usize=N [tail=1]]',
    least: 3,
    most: 11,
    run: (state, args) => setVma(state, state.task, args),
  },
  process_set_mempolicy: {
    usage: 'PIDFD FIELD=VALUE… [usize=N [tail=1]]',
    least: 1,
    most: 9,
    run: (state, [fd, ...fields]) => set(state.kernel, named(state, fd), argsIn(fields)),
  },
  process_get_mempolicy: {
    usage: 'PIDFD [FIELD…] [usize=N [tail=1]]',
    least: 1,
    most: 8,
    run: (state, [fd, ...fields]) =>
      ask(state.kernel, named(state, fd), argsOut(fields), getMempolicy2),
  },
  process_get_vma_mempolicy: {
    usage: 'PIDFD ADDR [FIELD…] [usize=N [tail=1]]',
    least: 2,
    most: 9,
    run: (state, [fd, address, ...fields]) =>
      ask(state.kernel, named(state, fd), argsOut(fields), askVma(address)),
  },
  process_set_vma_mempolicy: {
    usage: 'PIDFD ADDR PAGES FLAGS FIELD=VALUE… [usize=N [tail=1]]',
    least: 4,
    most: 12,
    run: (state, [fd, ...args]) => setVma(state, named(state, fd), args),
  },
};
