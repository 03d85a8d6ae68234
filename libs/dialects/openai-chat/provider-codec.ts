import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';
import { requestHeaders } from './request-headers.ts';

/** OpenAI answers `reasoning_effort` to these with 400. Of other makers' models hosts know themselves. */
const NEVER_REASONS = /(?:^|\/)(?:gpt-3|gpt-4|chatgpt-)/;

/** OpenAI's chat format as a provider speaks it, for clients of every other format. */
export const openaiChatProvider: ProviderCodec = {
  path: () => '/chat/completions',
  cannot: [],
  cannotOf: (model) => (NEVER_REASONS.test(model) ? ['reasoningEffort', 'reasoningBudget'] : []),
  takesMediaUrls: 'images',
  takesAudio: true,
  headers: requestHeaders,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
