import type { ProviderCodec } from '../dialect-codec.ts';
import { requestHeaders } from '../openai-chat/request-headers.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/** OpenAI's Responses API as a provider speaks it, for clients of every other format. */
export const openaiResponsesProvider: ProviderCodec = {
  path: () => '/responses',
  cannot: ['topK', 'frequencyPenalty', 'presencePenalty', 'seed', 'stop'],
  takesMediaUrls: true,
  headers: requestHeaders,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
