import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from '../openai-chat/decode-response.ts';
import { createStreamDecoder } from '../openai-chat/decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/**
 * Mistral's chat completions (https://docs.mistral.ai/api/endpoint/chat): OpenAI's answers, content that is a list where the model
 * thinks included, and requests with words of their own.
 */
export const mistralChatProvider: ProviderCodec = {
  path: () => '/chat/completions',
  headers: () => ({ 'content-type': 'application/json' }),
  cannot: ['topK', 'serviceTier'],
  takesMediaUrls: true,
  takesAudio: true,
  takesPrefill: () => true,
  encodeRequest,
  decodeResponse,
  createStreamDecoder: () => createStreamDecoder(mapError),
  mapError,
};
