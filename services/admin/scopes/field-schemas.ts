import { z } from 'zod';

const MAX_NAME_CHARS = 256;
const MAX_LIST = 1_000;

/** Names and ids: what people read, and what stands in URLs, headers and log lines. */
export const name = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(MAX_NAME_CHARS, `must have ${MAX_NAME_CHARS} characters at most`)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters');
/** A team's member is `<team>/<user>`: with a slash in a team's id two members could be taken for one another. */
export const teamId = name.refine((id) => !id.includes('/'), 'must not hold a /');
export const names = z.array(name).max(MAX_LIST);
export const email = z.email('give an e-mail address').max(MAX_NAME_CHARS);
export const metadata = z.record(z.string(), z.unknown());
export const aliases = z.record(name, name);
export const page = z.coerce.number().int().min(1).max(1_000_000).default(1);

export function pageSize(standard: number, most: number) {
  return z.coerce.number().int().min(1).max(most).default(standard);
}

/** A name that may come once or several times in a query: `?ids=a&ids=b`, `?ids=a,b`. */
export const queryNames = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : value.split(',')).map((one) => one.trim()).filter((one) => one !== ''));
