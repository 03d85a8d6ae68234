import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/** Cohere's Chat API, version 2 (https://docs.cohere.com/reference/chat). */
export const cohereChatProvider: ProviderCodec = {
  path: () => '/v2/chat',
  headers: () => ({ 'content-type': 'application/json' }),
  cannot: ['parallelToolCalls', 'serviceTier'],
  takesMediaUrls: 'images',
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
