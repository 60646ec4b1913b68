import { SingleBar } from 'cli-progress';

/** A line on the terminal that says how far a long run is. */
export type Progress = Readonly<{ update: (done: number, of?: number) => void; stop: () => void }>;

/** Progress on stderr, where that is a terminal; silent everywhere else. `what` is what is counted. */
export function progress(what: string): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  let bar: SingleBar | undefined;
  return {
    update(done, of) {
      if (bar === undefined) {
        const format =
          of === undefined
            ? `  {value} ${what}`
            : `  {bar} {percentage} %  {value} of {total} ${what}  {eta} s left`;
        bar = new SingleBar({
          format,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
          barsize: 24,
        });
        bar.start(of ?? 0, 0);
      }
      bar.update(done);
    },
    stop: () => bar?.stop(),
  };
}
