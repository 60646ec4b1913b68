import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./qemu-plugin.c', import.meta.url));
const FLAGS = ['-std=c11', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-pthread'];

/** The plugin for QEMU as a file to load, and how to remove it where it could not be kept. */
export type CompiledPlugin = Readonly<{ file: string; remove: () => void }>;

/**
 * The plugin, compiled at first use by `cc` (or what CC says) and kept under `XDG_CACHE_HOME/numaweave`, else
 * `~/.cache/numaweave`, under a name made of its source and the compiler. Where nothing can be kept there, it lies in a temporary
 * folder. Throws where there is no compiler or it fails.
 */
export function compiledPlugin(): CompiledPlugin {
  const compiler = (process.env.CC ?? '').trim() || 'cc';
  const key = [readFileSync(SOURCE, 'utf8'), compiler, process.arch, ...FLAGS].join('\0');
  const name = `qemu-plugin-${createHash('sha256').update(key).digest('hex').slice(0, 16)}.so`;
  const { XDG_CACHE_HOME: cache = '' } = process.env;
  const folder = join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'numaweave');
  const file = join(folder, name);
  if (existsSync(file)) return { file, remove: () => {} };
  try {
    mkdirSync(folder, { recursive: true });
    const made = mkdtempSync(join(folder, '.making-'));
    try {
      compile(compiler, join(made, name));
      renameSync(join(made, name), file);
    } finally {
      rmSync(made, { recursive: true });
    }
    return { file, remove: () => {} };
  } catch (error) {
    if (!/^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    const made = mkdtempSync(join(tmpdir(), 'numaweave-'));
    const remove = () => rmSync(made, { recursive: true, force: true });
    try {
      compile(compiler, join(made, name));
    } catch (failure) {
      remove();
      throw failure;
    }
    return { file: join(made, name), remove };
  }
}

function compile(compiler: string, file: string): void {
  const [program, ...flags] = compiler.split(/\s+/);
  try {
    execFileSync(program, [...flags, ...FLAGS, '-o', file, SOURCE], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    if (code === 'ENOENT') {
      throw new Error(
        `${program}: not found on PATH (QEMU's plugin is compiled at first use: apt-get install gcc, or set CC)`,
      );
    }
    const said = /^.*\berror\b.*$/m.exec(stderr ?? '')?.[0] ?? 'it failed';
    throw new Error(`${compiler}: cannot compile ${SOURCE}: ${said}`);
  }
}
