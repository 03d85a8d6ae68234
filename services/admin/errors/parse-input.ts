import type { z } from 'zod';
import { GatewayError } from '#contracts';
import { nearName } from './near-name.ts';

export interface InputRules<Schema extends z.ZodObject> {
  /** What is taken, and in what form. */
  readonly schema: Schema;
  /**
   * Names a LiteLLM client may send that have no effect here yet. They are refused when they say something: a limit that
   * silently does nothing is worse than an error.
   */
  readonly notEnforced?: ReadonlySet<string> | undefined;
  /** `body` or `query`, for messages about the whole of it. */
  readonly place: 'body' | 'query';
}

/** Reads a body or query. Throws `invalid_request` or `unsupported_parameter` with the field at fault as `param`. */
export function parseInput<Schema extends z.ZodObject>(input: unknown, rules: InputRules<Schema>): z.infer<Schema> {
  const fields = requireObject(input, rules.place);
  const taken: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (Object.hasOwn(rules.schema.shape, name)) taken[name] = value;
    else refuseField(name, value, rules);
  }
  const result = rules.schema.safeParse(taken);
  if (result.success) return result.data;
  const issue = nearestIssue(result.error.issues);
  const param = formatPath(issue?.path ?? []);
  throw new GatewayError('invalid_request', `${param}: ${issue?.message ?? 'not valid'}`, { param });
}

/** Of a field that may have several forms, the fault in the one that came closest: that which goes deepest. */
function nearestIssue([issue]: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap((issues) => nearestIssue(issues) ?? []).toSorted((one, other) => other.path.length - one.path.length);
  const nearest = inner[0];
  return nearest === undefined || nearest.path.length === 0 ? issue : { ...nearest, path: [...issue.path, ...nearest.path] };
}

function requireObject(input: unknown, place: string): Record<string, unknown> {
  const value = input ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new GatewayError('invalid_request', `The ${place} must be an object.`);
  return { ...value };
}

function refuseField(name: string, value: unknown, rules: InputRules<z.ZodObject>): void {
  if (rules.notEnforced?.has(name)) {
    if (saysNothing(value)) return;
    throw new GatewayError('unsupported_parameter', `${name} is not enforced yet: leave it out.`, { param: name });
  }
  const near = nearName(name, [...Object.keys(rules.schema.shape), ...(rules.notEnforced ?? [])]);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new GatewayError('invalid_request', `Unknown ${rules.place} field ${name}.${hint}`, { param: name });
}

/** What clients send for "not set". 0 is not among them: a budget of 0 means something. */
function saysNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
