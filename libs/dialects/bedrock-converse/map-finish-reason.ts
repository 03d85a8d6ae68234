import { GatewayError } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html (`stopReason`); one that is new to us is a `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
};

const MALFORMED = new Set<unknown>(['malformed_model_output', 'malformed_tool_use']);

/** Throws `upstream_invalid_response` where the model's output could not be made sense of: no answer, though it came with a 200. */
export function mapFinishReason(reason: unknown): FinishReason {
  if (MALFORMED.has(reason)) throw new GatewayError('upstream_invalid_response', 'The model’s output was malformed.');
  return typeof reason === 'string' ? (FINISH_REASONS[reason] ?? 'stop') : 'stop';
}
