import type { DecodedAnswer } from '../exchange.ts';
import { outputOf, readResponse } from './decode-response.ts';
import { finishReasonOf } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/**
 * A whole answer for a client of the same format: the provider's bytes, read only for what is metered. Throws `GatewayError`:
 * `upstream_invalid_response`, or the error of a response that failed.
 */
export function relayResponse(body: Uint8Array): DecodedAnswer {
  const response = readResponse(body);
  outputOf(response);
  return { body, usage: mapUsage(response), finishReason: finishReasonOf(response) };
}
