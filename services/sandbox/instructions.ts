import { describe, isObject, type JsonObject } from './json.ts';
import { invalidRequest } from './openai-error.ts';

/**
 * How a call shall behave: the `sandbox` member of a request's body, in its own spelling. Everything is optional.
 */
export interface Instructions {
  /** The answer. Goes before `tokens`. */
  readonly text?: string;
  /** Length of an answer without `text`: filler words. */
  readonly tokens?: number;
  /** With `tokens`: `t0 t1 t2 …` instead of filler. */
  readonly numbered?: boolean;
  /** Pace of the answer; without it everything comes at once. A JSON answer comes when its last token would have. */
  readonly tokens_per_second?: number;
  readonly first_token_ms?: number;
  /** Anything but 200 is an OpenAI-shaped error. */
  readonly status?: number;
  /** Seconds, or a text sent as it is (an HTTP date). */
  readonly retry_after?: number | string;
  readonly error_type?: string;
  readonly error_code?: string;
  readonly error_message?: string;
  readonly fail?: Failure;
  /** False: none is stated. An object: laid over the true one; the meter bills what is stated. */
  readonly usage?: false | JsonObject;
  /** `prompt_tokens_details.cached_tokens`; at most the prompt's tokens. */
  readonly cached_tokens?: number;
  readonly finish_reason?: string;
  readonly tool_calls?: readonly ToolCallInstruction[];
  /** One entry per call of the session, laid over the other members; the last one stays. Needs `session`. */
  readonly script?: readonly Instructions[];
  readonly session?: string;
}

export const FAILURES = [
  'reset', // TCP reset
  'close', // the connection ends in the middle of the answer
  'stall', // nothing more comes, the connection stays
  'html', // an HTML page instead of an answer
  'bad-json', // JSON cut in the middle, in a complete HTTP answer
  'error-event', // an error object after a 200
  'no-finish', // a complete HTTP answer without finish reason and [DONE]
  'garbage-sse', // bytes that are no event stream
  'wrong-content-type', // the right answer, labelled text/plain
  'no-done', // a whole stream but for its [DONE]
] as const;
export type FailureKind = (typeof FAILURES)[number];

/**
 * `after_tokens` absent: `reset`, `close` and `stall` strike before the head of the answer, the others where they make
 * most sense (`no-finish` after the last token). 0: after the head. More than there are: after the last token.
 */
export interface Failure {
  readonly kind: FailureKind;
  readonly after_tokens?: number;
}

export interface ToolCallInstruction {
  readonly name: string;
  /** A text is sent as it is, valid JSON or not. */
  readonly arguments?: string | JsonObject;
  readonly id?: string;
}

/** Throws `OpenAiError` 400 that names the member at fault. */
export function parseInstructions(value: unknown): Instructions {
  assertInstructions(value, 'sandbox');
  if (value.script !== undefined && value.session === undefined)
    throw wrong('sandbox.session', 'a name, because script is given', undefined);
  return value;
}

function assertInstructions(value: unknown, where: string): asserts value is Instructions {
  checkMembers(value, where, INSTRUCTION_CHECKS);
}

/** Says what was expected, or nothing when the value is right. */
type Check = (value: unknown, where: string) => string | undefined;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'a string');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const textOrObject: Check = (value) => (typeof value === 'string' || isObject(value) ? undefined : 'a string or an object');

function integer(min: number, max: number): Check {
  const expected = `an integer from ${min} to ${max}`;
  return (value) => (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max ? undefined : expected);
}

function numeric(min: number, max: number): Check {
  return (value) => (typeof value === 'number' && value >= min && value <= max ? undefined : `a number from ${min} to ${max}`);
}

function listOf(check: (value: unknown, where: string) => void): Check {
  return (value, where) => {
    if (!Array.isArray(value) || value.length === 0) return 'a list with at least one entry';
    value.forEach((entry, index) => check(entry, `${where}[${index}]`));
    return undefined;
  };
}

const MAX_TOKENS = 1_000_000;
const HOUR_MS = 3_600_000;

const FAILURE_CHECKS: Record<keyof Failure, Check> = {
  kind: (value) => (FAILURES.some((kind) => kind === value) ? undefined : `one of ${FAILURES.join(', ')}`),
  after_tokens: integer(0, MAX_TOKENS),
};

const TOOL_CALL_CHECKS: Record<keyof ToolCallInstruction, Check> = { name: text, arguments: textOrObject, id: text };

const INSTRUCTION_CHECKS: Record<keyof Instructions, Check> = {
  text,
  tokens: integer(0, MAX_TOKENS),
  numbered: flag,
  tokens_per_second: numeric(0.01, 100_000),
  first_token_ms: numeric(0, HOUR_MS),
  status: integer(200, 599),
  retry_after: (value, where) => (typeof value === 'string' ? undefined : numeric(0, 86_400)(value, where)),
  error_type: text,
  error_code: text,
  error_message: text,
  fail: (value, where) => {
    checkMembers(value, where, FAILURE_CHECKS);
    return isObject(value) && value['kind'] === undefined ? 'an object with kind' : undefined;
  },
  usage: (value) => (value === false || isObject(value) ? undefined : 'false or an object'),
  cached_tokens: integer(0, Number.MAX_SAFE_INTEGER),
  finish_reason: text,
  tool_calls: listOf((value, where) => {
    checkMembers(value, where, TOOL_CALL_CHECKS);
    if (!isObject(value) || value['name'] === undefined) throw wrong(`${where}.name`, 'a string', undefined);
  }),
  script: listOf((value, where) => {
    assertInstructions(value, where);
    if (value.script !== undefined || value.session !== undefined) throw wrong(where, 'an entry without script and session', value);
  }),
  session: text,
};

function checkMembers(value: unknown, where: string, checks: Readonly<Record<string, Check>>): void {
  if (!isObject(value)) throw wrong(where, 'an object', value);
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(checks, name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `${where}.${name}`).join(', ');
    throw invalidRequest(`Unknown: ${names}. The sandbox takes ${Object.keys(checks).join(', ')}.`, `${where}.${unknown[0]}`);
  }
  for (const [name, member] of Object.entries(value)) {
    const expected = checks[name]?.(member, `${where}.${name}`);
    if (expected !== undefined) throw wrong(`${where}.${name}`, expected, member);
  }
}

function wrong(where: string, expected: string, value: unknown): Error {
  return invalidRequest(`${where} must be ${expected}, not ${describe(value)}.`, where);
}
