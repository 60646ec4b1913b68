/** What is around the calls: processes, CPUs, cgroups, sysfs, and where weights live. */

import { enterCgroup, joinCpuset, setCpusetMems } from '../calls/cpuset.ts';
import { closePidfd, exitTask, openPidfd } from '../calls/process.ts';
import { readSysfs, writeSysfs, writeWeight } from '../calls/sysfs.ts';
import { DISCIPLINES } from '../discipline.ts';
import { failed } from '../kernel/errno.ts';
import { startTask, type Task } from '../kernel/kernel.ts';
import { parseWeight } from '../kernel/weight-tables.ts';
import { WEIGHT_HOMES } from '../weight-home.ts';
import { type Answer, answerOf } from './answer.ts';
import { choiceOf, countOf, namedArguments, numberOf } from './arguments.ts';
import type { Commands, ScriptState } from './command.ts';

const SWITCHES = ['on', 'off'] as const;

function switchTo(state: ScriptState, [name, ...rest]: readonly string[]): Answer {
  const { tasks } = state.kernel;
  const options = namedArguments(rest, ['uid', 'cpu', 'cap_sys_nice']);
  if (tasks.has(name) && options.size > 0) {
    throw new Error(`task ${name}: runs already (got ${rest.join(' ')}, expected no options)`);
  }
  const number = (key: string) => countOf(options.get(key) ?? '0', key);
  state.task =
    tasks.get(name) ??
    startTask(state.kernel, name, {
      uid: number('uid'),
      ...(options.has('cpu') ? { cpu: cpuOf(state, options.get('cpu') ?? '') } : {}),
      ...(options.has('cap_sys_nice') ? { cap_sys_nice: number('cap_sys_nice') !== 0 } : {}),
    });
  return answerOf(0);
}

function cpuOf({ kernel }: ScriptState, text: string): number {
  const cpu = countOf(text, 'cpu');
  if (kernel.nodeOfCpu.has(cpu)) return cpu;
  throw new Error(
    `cpu: not on this machine (got ${cpu}, expected one of ${[...kernel.nodeOfCpu.keys()].join(', ')})`,
  );
}

function taskNamed({ kernel, task }: ScriptState, name: string | undefined): Task {
  const found = name === undefined ? task : kernel.tasks.get(name);
  if (found !== undefined) return found;
  throw new Error(
    `task: unknown (got ${name}, expected one of ${[...kernel.tasks.keys()].join(', ')})`,
  );
}

/** A weight written to a table of one of the proposed homes: 1 to 255. */
function store<K>(table: Map<K, number>, key: K, text: string): Answer {
  const weight = parseWeight(text);
  if (weight === undefined || weight === 0) return answerOf('EINVAL');
  table.set(key, weight);
  return answerOf(0);
}

function tableOf<K>(tables: Map<K, Map<number, number>>, key: K): Map<number, number> {
  const table = tables.get(key) ?? new Map<number, number>();
  tables.set(key, table);
  return table;
}

export const worldCommands: Commands = {
  weight: {
    usage: 'N W',
    least: 2,
    most: 2,
    anywhere: true,
    run: ({ kernel }, [node, weight]) => answerOf(writeWeight(kernel, node, weight)),
  },
  read: {
    usage: 'PATH',
    least: 1,
    most: 1,
    anywhere: true,
    run: ({ kernel }, [path]) => {
      const content = readSysfs(kernel, path);
      return failed(content) ? answerOf(content) : answerOf(0, content.text);
    },
  },
  write: {
    usage: 'PATH V',
    least: 2,
    most: 2,
    anywhere: true,
    run: ({ kernel }, [path, value]) => answerOf(writeSysfs(kernel, path, value)),
  },
  cpu: {
    usage: 'N',
    least: 1,
    most: 1,
    run: ({ kernel, task }, [text]) => {
      const cpu = numberOf(text, 'cpu');
      if (!kernel.nodeOfCpu.has(cpu)) return answerOf('EINVAL');
      task.cpu = cpu;
      return answerOf(0);
    },
  },
  cpuset: {
    usage: 'NAME MEMS',
    least: 2,
    most: 2,
    run: ({ kernel, task }, [name, mems]) => answerOf(joinCpuset(kernel, task, name, mems)),
  },
  cpuset_mems: {
    usage: 'NAME MEMS',
    least: 2,
    most: 2,
    anywhere: true,
    run: ({ kernel }, [name, mems]) => answerOf(setCpusetMems(kernel, name, mems)),
  },
  cgroup: {
    usage: 'NAME',
    least: 1,
    most: 1,
    run: ({ kernel, task }, [name]) => answerOf(enterCgroup(kernel, task, name)),
  },
  task: {
    usage: 'NAME [uid=N] [cpu=N] [cap_sys_nice=0|1]',
    least: 1,
    most: 4,
    anywhere: true,
    run: switchTo,
  },
  exit: {
    usage: '[NAME]',
    least: 0,
    most: 1,
    run: (state, [name]) => {
      exitTask(state.kernel, taskNamed(state, name));
      return answerOf(0);
    },
  },
  pidfd: {
    usage: 'NAME',
    least: 1,
    most: 1,
    run: ({ kernel, task }, [name]) => answerOf(openPidfd(kernel, task, name)),
  },
  close: {
    usage: 'PIDFD',
    least: 1,
    most: 1,
    run: ({ task }, [fd]) => answerOf(closePidfd(task, numberOf(fd, 'pidfd'))),
  },
  weight_home: {
    usage: WEIGHT_HOMES.join('|'),
    least: 1,
    most: 1,
    anywhere: true,
    run: ({ kernel }, [home]) => {
      kernel.settings.weightHome = choiceOf(home, 'weight home', WEIGHT_HOMES);
      return answerOf(0);
    },
  },
  discipline: {
    usage: DISCIPLINES.join('|'),
    least: 1,
    most: 1,
    anywhere: true,
    run: ({ kernel }, [discipline]) => {
      kernel.settings.discipline = choiceOf(discipline, 'discipline', DISCIPLINES);
      return answerOf(0);
    },
  },
  extend_interleave: {
    usage: 'on|off',
    least: 1,
    most: 1,
    anywhere: true,
    run: ({ kernel }, [state]) => {
      kernel.settings.extendInterleave = choiceOf(state, 'switch', SWITCHES) === 'on';
      return answerOf(0);
    },
  },
  node_weight: {
    usage: 'CPUNODE N W',
    least: 3,
    most: 3,
    anywhere: true,
    run: ({ kernel }, [cpuNode, node, weight]) =>
      store(
        tableOf(kernel.weights.byCpuNode, countOf(cpuNode, 'node')),
        countOf(node, 'node'),
        weight,
      ),
  },
  cgroup_weight: {
    usage: 'NAME N W',
    least: 3,
    most: 3,
    anywhere: true,
    run: ({ kernel }, [name, node, weight]) =>
      store(tableOf(kernel.weights.byCgroup, name), countOf(node, 'node'), weight),
  },
  tier_weight: {
    usage: 'TIER W',
    least: 2,
    most: 2,
    anywhere: true,
    run: ({ kernel }, [tier, weight]) =>
      store(kernel.weights.byTier, countOf(tier, 'tier'), weight),
  },
  ratio: {
    usage: 'N M',
    least: 2,
    most: 2,
    anywhere: true,
    run: ({ kernel }, [n, m]) => {
      const [top, rest] = [parseWeight(n), parseWeight(m)];
      if (!top || !rest) return answerOf('EINVAL');
      kernel.weights.ratio = [top, rest];
      return answerOf(0);
    },
  },
};
