import { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import type { DecodedAnswer } from '../exchange.ts';
import { parseRecord, recordAt, textOf } from '../json/record.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

type MapError = (answer: UpstreamAnswer) => GatewayError;

/**
 * A whole `message` for a client of the same dialect: the provider's bytes, read only for what is metered. Throws
 * `GatewayError`: `upstream_invalid_response`, or the error a provider put into a 200.
 */
export function relayResponse(body: Uint8Array, nowMs: number, mapError: MapError): DecodedAnswer {
  const message = parseRecord(textOf(body));
  if (message === undefined) throw invalidAnswer('an answer that is not a JSON object');
  if (isErrorBody(message)) throw mapError({ status: undefined, headers: {}, body, nowMs });
  if (!Array.isArray(message['content'])) throw invalidAnswer("an answer without 'content'");
  const usage = recordAt(message, 'usage');
  const reason = message['stop_reason'];
  return {
    body,
    usage: usage === undefined ? undefined : mapUsage(usage),
    finishReason: typeof reason === 'string' ? mapFinishReason(reason) : undefined,
  };
}

/** An error inside a 200. */
export function isErrorBody(body: Readonly<Record<string, unknown>>): boolean {
  return body['type'] === 'error' || recordAt(body, 'error') !== undefined;
}

function invalidAnswer(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
