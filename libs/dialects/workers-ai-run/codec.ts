import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/**
 * Workers AI's own `run` (https://developers.cloudflare.com/workers-ai/get-started/rest-api/): answers inside `{result,success,errors}`,
 * which are `{response,tool_calls,usage}` of older models or OpenAI's completions of newer ones.
 */
export const workersAiRunProvider: ProviderCodec = {
  path: ({ model }) => `/run/${model.split('/').map(encodeSegment).join('/')}`,
  headers: () => ({ 'content-type': 'application/json' }),
  cannot: ['parallelToolCalls', 'stop', 'serviceTier'],
  // "HTTP URL will not be accepted"
  takesMediaUrls: false,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};

/** Model names begin with an `@`, which may stand in a path as it is. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%40', '@');
}
