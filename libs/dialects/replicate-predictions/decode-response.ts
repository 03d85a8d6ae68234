import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import { textOf } from '../json/record.ts';
import { readPrediction } from './read-prediction.ts';

/** A finished prediction. Throws `GatewayError`: `upstream_invalid_response`, its failure, or `upstream_truncated` for one that still runs. */
export function decodeResponse(body: Uint8Array): ConversationAnswer {
  const { isFinished, text, usage } = readPrediction(textOf(body));
  if (!isFinished) throw new GatewayError('upstream_truncated', 'The provider had not finished the answer.');
  // no model says why it stopped
  return { model: '', text, reasoning: [], toolCalls: [], finishReason: 'stop', usage };
}
