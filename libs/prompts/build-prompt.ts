import { ROUTE_OF_DIALECT } from '#attempts';
import type { PromptSettings } from '#config';
import type { ErrorRecord, JobMeta, StoredPrompt } from '#contracts';
import { type RedactOptions, redactBody, redactText } from './redact-prompt.ts';

/** How a job ended, as far as it is kept. */
export interface PromptEnd {
  /** 0 where there was none. */
  readonly status: number;
  /** What the client was sent or may fetch, or the beginning of it. */
  readonly answer: Buffer;
  /** Of all of it. */
  readonly answerBytes: number;
  /** Why there is no answer, or not all of it. */
  readonly error: Pick<ErrorRecord, 'code' | 'message'> | undefined;
}

export interface PromptParts {
  readonly meta: Pick<JobMeta, 'id' | 'acceptedAt' | 'by' | 'dialect' | 'model' | 'guard'>;
  /** Its fields as its guardrails left them; its size in bytes alone where they are not at hand, or guardrails have not passed them. */
  readonly request: object | number;
  readonly end: PromptEnd;
}

const BLOCKED = '[not kept: a guardrail blocked it]';

/**
 * What is kept of a request and its answer: without secrets and the fields that are named, cut at the size that is set. Nothing of a request that a
 * guardrail blocked, and nothing of an answer in which one put back what it had hidden from the provider.
 */
export function buildPrompt({ meta, request, end }: PromptParts, { maxBytes, redactFields }: PromptSettings): StoredPrompt {
  const { keyHash, teamId, userId, organizationId } = meta.by;
  const options = { fields: new Set(redactFields.map((name) => name.toLowerCase())), maxBytes };
  return {
    v: 1,
    job: meta.id,
    acceptedAt: meta.acceptedAt,
    by: { keyHash, teamId, userId, organizationId },
    route: ROUTE_OF_DIALECT[meta.dialect],
    model: meta.model,
    status: end.status,
    request: requestText(request, end, options),
    answer: `${answerText(end, Object.keys(meta.guard?.hidden ?? {}).length > 0, options)}${errorText(end, options)}`,
  };
}

function requestText(request: object | number, { error }: PromptEnd, options: RedactOptions): string {
  if (error?.code === 'guardrail_blocked') return BLOCKED;
  return typeof request === 'number' ? `[not kept: ${request} bytes]` : redactBody(request, options);
}

function answerText({ answer, answerBytes }: PromptEnd, isRestored: boolean, options: RedactOptions): string {
  if (isRestored && answerBytes > 0) return `[not kept: ${answerBytes} bytes, in which a guardrail put back what it had hidden]`;
  const text = answer.toString('utf8');
  const left = answerBytes - answer.length;
  const whole = left === 0 ? parsed(text) : undefined;
  const kept = whole === undefined ? redactText(text, options.maxBytes) : redactBody(whole, options);
  return left > 0 ? `${kept}… [cut, ${answerBytes} bytes in all]` : kept;
}

function errorText({ error }: PromptEnd, { maxBytes }: RedactOptions): string {
  return error === undefined ? '' : `[${error.code}: ${redactText(error.message, maxBytes)}]`;
}

function parsed(text: string): object | undefined {
  if (!text.startsWith('{') && !text.startsWith('[')) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
