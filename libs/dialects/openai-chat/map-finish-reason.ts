import { GatewayError } from '#contracts';
import type { FinishReason } from '../conversation/answer.ts';

/** Words of hosts that speak the dialect with an accent; an unknown one is a `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'length',
  // watsonx.ai
  time_limit: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  sensitive: 'content_filter',
};

export function mapFinishReason(reason: string): FinishReason {
  return FINISH_REASONS[reason] ?? 'stop';
}

/** Reasons that say the answer failed half way: an error for the client, not an end. */
export function failureOfFinishReason(reason: string): GatewayError | undefined {
  if (reason === 'error' || reason === 'network_error') {
    return new GatewayError('upstream_error', 'The provider failed while it was answering.');
  }
  if (reason === 'insufficient_system_resource') {
    return new GatewayError('upstream_overloaded', 'The provider ran out of capacity while it was answering.');
  }
  if (reason === 'abort' || reason === 'cancelled') return new GatewayError('upstream_truncated', 'The provider aborted its answer.');
  return undefined;
}
