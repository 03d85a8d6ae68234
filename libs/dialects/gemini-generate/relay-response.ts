import { GatewayError } from '#contracts';
import type { DecodedAnswer } from '../exchange.ts';
import { parseRecord, recordAt, textOf } from '../json/record.ts';
import { createStreamState } from '../stream-state.ts';
import { mapError } from './map-error.ts';
import { createAnswerTracker } from './track-answer.ts';

/**
 * A whole answer for a client of the same dialect: the provider's bytes, read only for what is metered. Throws `GatewayError`:
 * `upstream_invalid_response`, or the error a provider put into a 200.
 */
export function relayResponse(body: Uint8Array, nowMs: number): DecodedAnswer {
  const answer = parseRecord(textOf(body));
  if (answer === undefined) throw invalidAnswer('an answer that is not a JSON object');
  if (recordAt(answer, 'error') !== undefined) throw mapError({ status: undefined, headers: {}, body, nowMs });
  if (!Array.isArray(answer['candidates']) && recordAt(answer, 'promptFeedback') === undefined) {
    throw invalidAnswer("an answer without 'candidates'");
  }
  const state = createStreamState();
  createAnswerTracker(state).track(answer);
  return { body, usage: state.usage, finishReason: state.finishReason };
}

function invalidAnswer(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
