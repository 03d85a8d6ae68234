import { GatewayError } from '#contracts';
import type { DecodedAnswer } from '../exchange.ts';
import { isRecord, parseRecord, textOf } from '../json/record.ts';
import { mapError } from './map-error.ts';
import { failureOfFinishReason, mapFinishReason } from './map-finish-reason.ts';
import { usageOfAnswer } from './map-usage.ts';

/**
 * A whole answer for a client of the same dialect: the provider's bytes, read only for what is metered. Throws
 * `GatewayError`: `upstream_invalid_response`, or the error a provider put into a 200.
 */
export function relayResponse(body: Uint8Array, nowMs: number): DecodedAnswer {
  const answer = parseRecord(textOf(body));
  if (answer === undefined) throw invalidAnswer('an answer that is not a JSON object');
  if (isErrorBody(answer)) throw mapError({ status: undefined, headers: {}, body, nowMs });
  const choices = answer['choices'];
  if (!Array.isArray(choices)) throw invalidAnswer("an answer without 'choices'");
  const first: unknown = choices[0];
  const reason = isRecord(first) ? first['finish_reason'] : undefined;
  if (typeof reason !== 'string') return { body, usage: usageOfAnswer(answer), finishReason: undefined };
  const failure = failureOfFinishReason(reason);
  if (failure !== undefined) throw failure;
  return { body, usage: usageOfAnswer(answer), finishReason: mapFinishReason(reason) };
}

/** An error inside a 200: OpenRouter's `error` member, or the flat `object: "error"` of older vLLM servers. */
export function isErrorBody(body: Readonly<Record<string, unknown>>): boolean {
  return (body['error'] !== undefined && body['error'] !== null) || body['object'] === 'error';
}

function invalidAnswer(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
