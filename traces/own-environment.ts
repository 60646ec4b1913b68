import { delimiter } from 'node:path';

/**
 * Our environment without what npm adds to it when it runs us (`npx numaweave`): a program's start-up reads all of it,
 * so what is recorded would not be what the program does by itself. `_` is set to the file that is run, as a shell would.
 */
export function ownEnvironment(file: string): NodeJS.ProcessEnv {
  return { ...withoutNpm(), _: file };
}

function withoutNpm(): NodeJS.ProcessEnv {
  if (process.env.npm_execpath === undefined) return process.env;
  const added = ['COLOR', 'INIT_CWD', 'NODE', ...(process.env.EDITOR === 'vi' ? ['EDITOR'] : [])];
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('npm_') && !added.includes(name),
  );
  const folders = (process.env.PATH ?? '').split(delimiter);
  const own = folders.filter(
    (folder) => !/[/\\](node_modules[/\\]\.bin|node-gyp-bin)$/.test(folder),
  );
  return { ...Object.fromEntries(kept), PATH: own.join(delimiter) };
}
