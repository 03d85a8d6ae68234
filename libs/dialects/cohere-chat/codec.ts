import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/** Models that know no `thinking` (https://docs.cohere.com/docs/reasoning); those that are not here are asked. */
const NEVER_REASONS = /^(?:command-a-(?:\d|vision|translate)|command-r|command-light|c4ai-)/;

/** Cohere's Chat API, version 2 (https://docs.cohere.com/reference/chat). */
export const cohereChatProvider: ProviderCodec = {
  path: () => '/v2/chat',
  headers: () => ({ 'content-type': 'application/json' }),
  cannot: ['parallelToolCalls', 'serviceTier'],
  cannotOf: (model) => (NEVER_REASONS.test(model) ? ['reasoningEffort', 'reasoningBudget'] : []),
  takesMediaUrls: 'images',
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
