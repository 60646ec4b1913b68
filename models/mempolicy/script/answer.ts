import { type Errno, failed } from '../kernel/errno.ts';

/** What a command of a script came to: what the call returned, its errno if it failed, and what it printed. */
export type Answer = Readonly<{ returned: number; errno: Errno | null; text: string }>;

/** The answer of a call that returns a number or fails. */
export function answerOf(result: number | Errno, text = ''): Answer {
  if (failed(result)) return { returned: -1, errno: result, text };
  return { returned: result, errno: null, text };
}

/** An answer as transcripts have it: `0 OK mode=6 mask=f`. */
export function answerText({ returned, errno, text }: Answer): string {
  return [String(returned), errno ?? 'OK', ...(text === '' ? [] : [text])].join(' ');
}
