import type { z } from 'zod';

/**
 * The value a JSON text holds, checked against a schema. `subject` names the text in errors: the file it is from.
 * Throws where it is not JSON, and at the first thing the schema refuses: where it is, what is wrong, what was got.
 */
export function parseJson<T>(subject: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Node quotes the text, whose line breaks would make several lines of the error.
    const problem = (error as Error).message.replace(/[\s\p{Cc}]+/gu, ' ');
    throw new Error(`${subject}: not JSON: ${problem}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(refusal(subject, value, innermost(parsed.error.issues[0])));
}

/** What is wrong with the form a value comes closest to, where it may have one of several: the fewest complaints. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
  if (closest.length === 0) return issue;
  const inner = innermost(closest[0]);
  return { ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue;
}

function refusal(subject: string, value: unknown, issue: z.core.$ZodIssue): string {
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
