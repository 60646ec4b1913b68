/** A worker as piscina takes it: its file, and what Node needs to run it. */
export type WorkerFile = Readonly<{ filename: string; execArgv?: string[] }>;

/** The worker `name` beside a module: compiled as the module is, or TypeScript under tsx when run from source. */
export function workerFile(moduleUrl: string, name: string): WorkerFile {
  const source = moduleUrl.endsWith('.ts');
  const filename = new URL(`./${name}.${source ? 'ts' : 'js'}`, moduleUrl).href;
  return source ? { filename, execArgv: ['--import', 'tsx'] } : { filename };
}
