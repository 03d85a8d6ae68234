import { GatewayError } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';

/** https://ai.google.dev/api/generate-content#FinishReason; a reason that is new to us is a `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  // stopped for a reason Google does not name: to call it a `stop` would say that the answer is whole
  OTHER: 'content_filter',
  IMAGE_OTHER: 'content_filter',
};

/** Calls the model got wrong: the same request may do better a second time. */
const BROKEN_CALLS: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
]);

/** Gemini stops with STOP whether it calls a function or not. */
export function mapFinishReason(reason: string, hasCalls: boolean): FinishReason {
  const mapped = FINISH_REASONS[reason] ?? 'stop';
  return mapped === 'stop' && hasCalls ? 'tool_calls' : mapped;
}

/** Whether a candidate says that it ended. */
export function statedReason(reason: unknown): string | undefined {
  return typeof reason === 'string' && reason !== '' && reason !== 'FINISH_REASON_UNSPECIFIED' ? reason : undefined;
}

/** Reasons that say there is no answer to give: an error, not an end. */
export function failureOfFinishReason(reason: string): GatewayError | undefined {
  if (BROKEN_CALLS.has(reason)) {
    return new GatewayError('upstream_invalid_response', `The model made a function call that can't be read (${reason}).`);
  }
  if (reason === 'MISSING_THOUGHT_SIGNATURE') {
    return new GatewayError('upstream_bad_request', 'The provider misses the signature of a function call in the conversation.');
  }
  return undefined;
}
