import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';
import { requestHeaders } from './request-headers.ts';

/** OpenAI's chat format as a provider speaks it, for clients of every other format. */
export const openaiChatProvider: ProviderCodec = {
  path: () => '/chat/completions',
  cannot: [],
  takesMediaUrls: 'images',
  takesAudio: true,
  headers: requestHeaders,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
