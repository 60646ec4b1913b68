/** The system calls that kernels have, and mapping and touching memory: the language of the transcripts. */

import { getMempolicy } from '../calls/get-mempolicy.ts';
import { setMempolicyHomeNode } from '../calls/home-node.ts';
import { mbind } from '../calls/mbind.ts';
import { discardMemory, mapMemory, unmapMemory } from '../calls/memory-mapping.ts';
import { migratePages } from '../calls/migrate-pages.ts';
import { movePage, pageStatus } from '../calls/move-pages.ts';
import { numaMapsLine } from '../calls/numa-maps.ts';
import { setMempolicy } from '../calls/set-mempolicy.ts';
import { failed } from '../kernel/errno.ts';
import { touchPage } from '../kernel/page-fault.ts';
import { type Answer, answerOf } from './answer.ts';
import { addressOf, countOf, maskOf, namedArguments, numberOf } from './arguments.ts';
import type { Commands, ScriptState } from './command.ts';

/** Pages whose nodes one line lists at most. */
const MOST_LISTED = 1_000_000;

const pageBytes = ({ kernel }: ScriptState) => kernel.topology.pageBytes;

/** The addresses of `ADDR N [STEP]`. */
function* addresses(
  state: ScriptState,
  [first, count, step = '1']: readonly string[],
): Generator<number> {
  const [address, pages, apart] = [
    addressOf(first),
    countOf(count, 'pages'),
    countOf(step, 'step', 1),
  ];
  for (let i = 0; i < pages; i++) yield address + i * apart * pageBytes(state);
}

function touch(state: ScriptState, args: readonly string[]): Answer {
  for (const address of addresses(state, args)) {
    const outcome = touchPage(state.kernel, state.task, Math.floor(address / pageBytes(state)));
    if (outcome !== 0) return answerOf(outcome);
  }
  return answerOf(0);
}

function map({ kernel, task }: ScriptState, [address, pages, ...rest]: readonly string[]): Answer {
  const kinds = namedArguments(rest, ['shared', 'huge', 'inode']);
  const shared = kinds.has('shared')
    ? { shared: { inode: countOf(kinds.get('inode') ?? '0', 'inode') } }
    : {};
  const kind = { ...shared, huge: kinds.has('huge') };
  return answerOf(mapMemory(kernel, task, addressOf(address), countOf(pages, 'pages'), kind));
}

function askPolicy({ kernel, task }: ScriptState, args: readonly string[]): Answer {
  const [flags, maxnode, address = '0'] = args;
  const asked = [numberOf(flags, 'flags'), countOf(maxnode, 'maxnode')] as const;
  const found = getMempolicy(kernel, task, ...asked, addressOf(address));
  if (failed(found)) return answerOf(found, 'mode=-1 mask=0');
  const { mode, mask, errno } = found;
  return answerOf(errno ?? 0, `mode=${mode} mask=${(mask ?? 0n).toString(16)}`);
}

function move({ kernel, task }: ScriptState, [address, node, flags]: readonly string[]): Answer {
  const asked = [numberOf(node, 'node'), numberOf(flags, 'flags')] as const;
  const moved = movePage(kernel, task, addressOf(address), ...asked);
  // What nothing was written to still holds what the caller put there.
  const { returned, status } = failed(moved) ? { returned: moved, status: null } : moved;
  return answerOf(returned, `status=${status ?? -999}`);
}

export const callCommands: Commands = {
  mmap: { usage: 'ADDR PAGES [shared [inode=N]] [huge]', least: 2, most: 5, run: map },
  munmap: {
    usage: 'ADDR PAGES',
    least: 2,
    most: 2,
    run: ({ kernel, task }, [address, pages]) =>
      answerOf(unmapMemory(kernel, task, addressOf(address), countOf(pages, 'pages'))),
  },
  discard: {
    usage: 'ADDR PAGES',
    least: 2,
    most: 2,
    run: ({ kernel, task }, [address, pages]) =>
      answerOf(discardMemory(kernel, task, addressOf(address), countOf(pages, 'pages'))),
  },
  touch: { usage: 'ADDR N [STEP]', least: 2, most: 3, run: touch },
  where: {
    usage: 'ADDR N [STEP]',
    least: 2,
    most: 3,
    run: (state, args) => {
      const pages = countOf(args[1], 'pages');
      if (pages > MOST_LISTED) {
        throw new Error(`where: too many pages (got ${pages}, expected at most ${MOST_LISTED})`);
      }
      const nodes = [...addresses(state, args)].map((a) => pageStatus(state.kernel, state.task, a));
      return answerOf(0, nodes.join(','));
    },
  },
  set_mempolicy: {
    usage: 'MODE MASK MAXNODE',
    least: 3,
    most: 3,
    run: ({ kernel, task }, [mode, mask, maxnode]) =>
      answerOf(
        setMempolicy(
          kernel,
          task,
          numberOf(mode, 'mode'),
          maskOf(mask),
          countOf(maxnode, 'maxnode'),
        ),
      ),
  },
  get_mempolicy: { usage: 'FLAGS MAXNODE [ADDR]', least: 2, most: 3, run: askPolicy },
  mbind: {
    usage: 'ADDR PAGES MODE MASK MAXNODE FLAGS',
    least: 6,
    most: 6,
    run: (state, [address, pages, mode, mask, maxnode, flags]) =>
      answerOf(
        mbind(
          state.kernel,
          state.task,
          addressOf(address),
          countOf(pages, 'pages') * pageBytes(state),
          numberOf(mode, 'mode'),
          maskOf(mask),
          countOf(maxnode, 'maxnode'),
          numberOf(flags, 'flags'),
        ),
      ),
  },
  home_node: {
    usage: 'ADDR PAGES NODE FLAGS',
    least: 4,
    most: 4,
    run: (state, [address, pages, node, flags]) =>
      answerOf(
        setMempolicyHomeNode(
          state.kernel,
          state.task,
          addressOf(address),
          countOf(pages, 'pages') * pageBytes(state),
          numberOf(node, 'node'),
          numberOf(flags, 'flags'),
        ),
      ),
  },
  migrate_pages: {
    usage: 'OLDMASK NEWMASK',
    least: 2,
    most: 2,
    run: ({ kernel, task }, [from, to]) =>
      answerOf(migratePages(kernel, task, maskOf(from) ?? 0n, maskOf(to) ?? 0n)),
  },
  move_pages: { usage: 'ADDR NODE FLAGS', least: 3, most: 3, run: move },
  maps: {
    usage: 'ADDR',
    least: 1,
    most: 1,
    run: ({ kernel, task }, [address]) => {
      const line = numaMapsLine(kernel, task, addressOf(address));
      return failed(line) ? answerOf(line) : answerOf(0, line.text);
    },
  },
};
