import type { FinishReason } from '../conversation/answer.ts';

/** https://docs.anthropic.com/en/api/handling-stop-reasons; a reason that is new to us is a `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

export function mapFinishReason(reason: unknown): FinishReason {
  return typeof reason === 'string' ? (FINISH_REASONS[reason] ?? 'stop') : 'stop';
}
