import { existsSync, realpathSync } from 'node:fs';
import { Option } from 'commander';
import { wholeNumber } from '../cli-options.ts';
import { type Pinning, parsePinning } from '../pinning.ts';

/** `--out FILE`, which must be given. */
export const out = () => new Option('-o, --out <file>', 'file to write').makeOptionMandatory();

/** `--machine M`, whose caches filter the trace. */
export const machine = () =>
  new Option('-m, --machine <machine>', 'preset or machine file whose caches filter the trace');

/** `--copies N`, which share the machine's caches. */
export const copies = () =>
  new Option('--copies <n>', 'copies that share the caches (default: one for each core)').argParser(
    wholeNumber(1, 65536),
  );

/** `--pin`, once for each socket, or `in-turn`. */
export const pin = () =>
  new Option(
    '--pin <socket=threads>',
    'which threads run on which socket (0=0-3,8; once for each), or in-turn: dealt as they come',
  ).argParser((text: string, before: string[] = []) => [...before, text]);

/** The pinning `--pin` asks for; `sockets` is how many the machine has. */
export function pinningOf(
  texts: readonly string[] | undefined,
  sockets: number,
): Pinning | undefined {
  if (texts === undefined) return undefined;
  if (texts.length === 1 && texts[0] === 'in-turn') return { sockets, of: 'in turn' };
  const pinning = parsePinning(texts);
  if (pinning.sockets > sockets) {
    throw new Error(`--pin: socket (got ${pinning.sockets - 1}, expected below ${sockets})`);
  }
  return pinning;
}

/** Throws where a command would write over the file it reads. */
export function refuseSame(input: string, output: string): void {
  if (existsSync(output) && existsSync(input) && realpathSync(input) === realpathSync(output)) {
    throw new Error(`${output}: is the input (expected another file to write)`);
  }
}
