import type { FinishReason } from '../conversation/answer.ts';

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
};

/**
 * The reason in Anthropic's words. Agents go on by it, so it must fit the content: some hosts end an answer with calls by `stop`,
 * or one without calls by `tool_calls`.
 */
export function encodeStopReason(reason: FinishReason, hasToolCalls: boolean): string {
  if (reason === 'stop' && hasToolCalls) return 'tool_use';
  return reason === 'tool_calls' && !hasToolCalls ? 'end_turn' : STOP_REASONS[reason];
}
