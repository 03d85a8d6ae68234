import { GatewayError } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';

/** https://docs.cohere.com/reference/chat: `ERROR` and `TIMEOUT` are no ends but failures. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
};

export function mapFinishReason(reason: unknown): FinishReason {
  if (reason === 'TIMEOUT') throw new GatewayError('upstream_timeout', 'The provider ran out of time for this answer.');
  if (reason === 'ERROR') throw new GatewayError('upstream_error', 'The provider ended the answer with an error.');
  return typeof reason === 'string' ? (FINISH_REASONS[reason] ?? 'stop') : 'stop';
}
