import type { z } from 'zod';

/**
 * The first thing wrong with a value a schema has refused, as one line: where it is, what is wrong, what was got.
 * `subject` is the file or option the value came from.
 */
export function validationMessage(subject: string, value: unknown, error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return subject;
  const where = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
  const problem = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  const got = issue.path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown>)?.[step],
    value,
  );
  const shown =
    issue.code === 'unrecognized_keys'
      ? ''
      : ` (got ${JSON.stringify(got)?.slice(0, 60) ?? 'nothing'})`;
  return `${subject}: ${where === '' ? '' : `${where}: `}${problem}${shown}`;
}
