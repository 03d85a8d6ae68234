import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';

/** `{"error":"text"}` with a status (https://github.com/ollama/ollama/blob/main/docs/errors.md), or as a line inside a 200. */
export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, {});
}
