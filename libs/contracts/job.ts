import type { ErrorCode } from './error-code.ts';
import type { AnswerRepair, JobGuard } from './guard.ts';
import { LANES, type Lane } from './lane.ts';
import type { StreamFailurePolicy } from './stream-failure.ts';

/** The client dialects: the wire format a request came in and its answer goes out. */
export const CHAT_DIALECTS = ['openai-chat', 'openai-responses', 'openai-completions', 'anthropic-messages', 'gemini-generate'] as const;
/** A conversation in, an answer out: any of these can be translated to any provider. */
export type ChatDialect = (typeof CHAT_DIALECTS)[number];

export const OPERATION_DIALECTS = [
  'anthropic-count-tokens',
  'gemini-count-tokens',
  'openai-embeddings',
  'openai-images',
  'openai-image-edits',
  'openai-speech',
  'openai-transcriptions',
  'openai-translations',
  'openai-moderations',
  'cohere-rerank',
] as const;
/** Everything that is no conversation: one client format each, in the words of the API that people know it by. */
export type OperationDialect = (typeof OPERATION_DIALECTS)[number];

export const CLIENT_DIALECTS = [...CHAT_DIALECTS, ...OPERATION_DIALECTS] as const;
export type ClientDialect = ChatDialect | OperationDialect;

/**
 * Errors that have fallback groups of their own: `context_window_fallbacks`, `content_policy_fallbacks`, and the strong group of an auto group for
 * answers of the weak one that fail a check.
 */
export type FallbackCause = 'context_window' | 'content_policy' | 'escalation';

export const ROUTE_TIERS = ['weak', 'strong'] as const;
export type RouteTier = (typeof ROUTE_TIERS)[number];

/** What an auto group chose for a job. */
export interface RouteDecision {
  /** The auto group. */
  readonly group: string;
  readonly tier: RouteTier;
  /** 0 to 1: what the strong group is expected to be worth; undefined where nobody asked the model. */
  readonly score?: number | undefined;
  /** Why: the score, or what went before it. */
  readonly by: 'score' | 'session' | 'request';
}

/** One way to serve the request. The plan is an ordered list of these. */
export interface Candidate {
  readonly deploymentId: string;
  readonly provider: string;
  readonly tier: string;
  /** The model group this deployment was chosen from; differs from the requested one on a fallback. */
  readonly modelGroup: string;
  /** Only for jobs that failed in this way; other failures pass it by. */
  readonly for?: FallbackCause | undefined;
  /** The client's own fallback with fields of its own: its place in the body's `fallbacks`. */
  readonly overrides?: number | undefined;
}

/** An attempt of a job that failed: its place in the plan and why. */
export interface AttemptFailure {
  readonly cursor: number;
  readonly code: ErrorCode;
}

/** Who pays and who is shown the spend. Never a secret: keys appear as their SHA-256. */
export interface Attribution {
  readonly keyHash: string;
  readonly keyAlias?: string | undefined;
  readonly teamId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly endUser?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly agent?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/**
 * What a hop needs to know of a job, in the message's `Headrace-Job` header; the message's data is the client's body,
 * opaque. A new field is optional; a change of meaning is a new version.
 */
export interface JobMeta {
  readonly v: 1;
  readonly id: string;
  /** 1 for the first upstream attempt of this job; a move to another candidate counts up. */
  readonly attempt: number;
  /** Position in `plan` this message is for. */
  readonly cursor: number;
  readonly plan: readonly Candidate[];
  readonly lane: Lane;
  /** The bulk queue it waits in; undefined for its lane's common one. Jobs of one key that wait at the same time wait in the same. */
  readonly bulk?: number | undefined;
  readonly dialect: ClientDialect;
  readonly stream: boolean;
  /** The model name the client sent. */
  readonly model: string;
  /** The group that name stands for; the candidate's own differs on a fallback. */
  readonly modelGroup?: string | undefined;
  /** Set where that group was chosen for an auto group. */
  readonly decision?: RouteDecision | undefined;
  /** Where reply frames go (see `frameSubject`); absent for jobs nobody waits for. */
  readonly inbox?: string | undefined;
  /** Unix time in milliseconds. */
  readonly acceptedAt: number;
  readonly deadlineAt: number;
  readonly by: Attribution;
  /** Name of the body in the `bodies` object store when it was too large to travel inline. */
  readonly bodyRef?: string | undefined;
  /** Name of the uploaded files in the same store; the body is then an `UploadForm`. */
  readonly uploadRef?: string | undefined;
  /** Client headers a provider may need (`anthropic-beta`, `openai-organization` …), lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** W3C trace context of the request. */
  readonly traceparent?: string | undefined;
  /** The attempts that failed so far, the earliest first: what is retried depends on all of them. */
  readonly failures?: readonly AttemptFailure[] | undefined;
  /** Moves to another candidate without a call: the deployment was in cooldown. They count as attempts by number only. */
  readonly detours?: number | undefined;
  /** The client's own `num_retries`: goes before the configuration's. */
  readonly numRetries?: number | undefined;
  /** What is done when its stream fails after the client has text of it; an error event unless said otherwise. */
  readonly onStreamFailure?: Exclude<StreamFailurePolicy, 'error'> | undefined;
  /** Name of a `SentAnswer` in the `bodies` store: the attempt goes on with that. */
  readonly sentRef?: string | undefined;
  /** What is held for it where budgets apply, decimal text in US dollars: its worker asks for more before it costs more. */
  readonly heldUsd?: string | undefined;
  /** Why the previous attempt ended, for the `x-headrace-*` headers and the log. */
  readonly previousError?: string | undefined;
  /** The attempt that this one runs beside: it does not go on to another candidate before it has content. */
  readonly hedges?: number | undefined;
  /** Its answer goes to the stream `RUNS` instead of an ingress: such a job has no `inbox`, and nobody's death but its own worker's touches it. */
  readonly run?: RunTarget | undefined;
  /**
   * Set where what it is asked and answered may be kept (`headrace.prompts`) by whoever stores its end: its key and its request were asked. Only of
   * jobs with `run`: of the others the ingress that relays their answer keeps it.
   */
  readonly prompt?: KeptRequest | undefined;
  /** Absent where no guardrail is configured for it. */
  readonly guard?: JobGuard | undefined;
  /** An earlier attempt's answer did not have its schema: the request goes on with it. Once in a job. */
  readonly repair?: AnswerRepair | undefined;
}

/** What is known of a request that may be kept, also where its body is not at hand. */
export interface KeptRequest {
  readonly bytes: number;
}

/** Where in `RUNS` an answer goes; the owner is the job's `by.keyHash`. */
export interface RunTarget {
  readonly group: string;
  /** Streams only: pieces are stored while it runs, so that readers can follow; without it the whole answer is one `end`. */
  readonly live?: boolean | undefined;
  /** The publisher's name for the job, where that is not its id: its end has it too. */
  readonly id?: string | undefined;
}

export const JOB_HEADER = 'Headrace-Job';

export function encodeJobMeta(meta: JobMeta): string {
  return JSON.stringify(meta);
}

/** The one place that names an attempt: ledger key, dedupe id and fence in one. */
export function attemptId(job: string, attempt: number, delivery: number): string {
  return `${job}.${attempt}.${delivery}`;
}

/** The name under which the attempt before this one leaves what the client has of the answer. */
export function sentAnswerRef(job: string, attempt: number): string {
  return `${job}.sent.${attempt}`;
}

/** The dedupe id of a job's message for one attempt: publishing the same attempt twice stores one message. */
export function jobMessageId(job: string, attempt: number): string {
  return `${job}.${attempt}`;
}

export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

/** Jobs come from other publishers than the ingress too, and their ids become subjects: no dots, wildcards or white space. */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const INBOX = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
/** A frame has 16 bits for it. */
const MOST_ATTEMPTS = 65_535;

/** Reads the `Headrace-Job` header. Throws `InvalidMessage` for anything a worker could not act on. */
export function decodeJobMeta(text: string | undefined): JobMeta {
  const value = parseObject(text);
  assertJobMeta(value);
  return value;
}

/** All that a worker acts on; the optional fields are their publisher's word. */
function assertJobMeta(value: Record<string, unknown>): asserts value is Record<string, unknown> & JobMeta {
  if (value['v'] !== 1) throw new InvalidMessage(`job version ${JSON.stringify(value['v'])} is not supported`);
  for (const field of ['id', 'model', 'dialect'] as const) requireString(value, field);
  if (!TOKEN.test(String(value['id']))) throw new InvalidMessage('id is not a subject token');
  const { inbox } = value;
  if (inbox !== undefined && (typeof inbox !== 'string' || !INBOX.test(inbox))) throw new InvalidMessage('inbox is not a subject');
  const attempt = integerAt(value, 'attempt');
  const cursor = integerAt(value, 'cursor');
  integerAt(value, 'acceptedAt');
  integerAt(value, 'deadlineAt');
  if (!isOneOf(LANES, value['lane'])) throw new InvalidMessage(`lane ${JSON.stringify(value['lane'])} is unknown`);
  if (!isOneOf(CLIENT_DIALECTS, value['dialect'])) throw new InvalidMessage(`dialect ${JSON.stringify(value['dialect'])} is unknown`);
  const { plan } = value;
  if (!Array.isArray(plan) || !plan.every(isCandidate)) throw new InvalidMessage('plan is not a list of candidates');
  if (attempt < 1 || attempt > MOST_ATTEMPTS) throw new InvalidMessage(`attempt ${attempt} is out of range`);
  if (cursor < 0 || cursor >= plan.length) throw new InvalidMessage(`cursor ${cursor} points past the end of the plan`);
  if (!isRecord(value['by'])) throw new InvalidMessage('by is missing');
  requireString(value['by'], 'keyHash');
}

function parseObject(text: string | undefined): Record<string, unknown> {
  if (text === undefined || text === '') throw new InvalidMessage(`header ${JOB_HEADER} is missing`);
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw new InvalidMessage(`header ${JOB_HEADER} is not JSON`, { cause: error });
  }
  throw new InvalidMessage(`header ${JOB_HEADER} is not an object`);
}

function requireString(value: Record<string, unknown>, field: string): void {
  if (typeof value[field] !== 'string' || value[field] === '') throw new InvalidMessage(`${field} is not a string`);
}

function integerAt(value: Record<string, unknown>, field: string): number {
  const number = value[field];
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw new InvalidMessage(`${field} is not an integer`);
  return number;
}

function isCandidate(value: unknown): boolean {
  return isRecord(value) && ['deploymentId', 'provider', 'tier', 'modelGroup'].every((field) => typeof value[field] === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return typeof value === 'string' && (list as readonly string[]).includes(value);
}
