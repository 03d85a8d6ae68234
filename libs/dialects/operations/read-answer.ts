import { GatewayError } from '#contracts';
import { parseRecord, textOf, type JsonRecord } from '../json/record.ts';
import type { MapError } from './operation.ts';

/** A whole JSON answer. Throws `upstream_invalid_response`, or the error that a provider put into a 200. */
export function readAnswer(body: Uint8Array, mapError: MapError, nowMs: number): JsonRecord {
  const answer = parseRecord(textOf(body));
  if (answer === undefined) throw invalidAnswer('an answer that is not a JSON object');
  if (answer['error'] !== undefined && answer['error'] !== null) throw mapError({ status: undefined, headers: {}, body, nowMs });
  return answer;
}

export function invalidAnswer(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `The provider sent ${what}.`);
}
