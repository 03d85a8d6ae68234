import type { ProviderCodec } from '../dialect-codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/** The version every request must name (https://docs.anthropic.com/en/api/versioning). */
const ANTHROPIC_VERSION = '2023-06-01';

export const anthropicMessagesProvider: ProviderCodec = {
  path: () => '/v1/messages',
  cannot: ['frequencyPenalty', 'presencePenalty', 'seed'],
  takesMediaUrls: true,
  headers: (clientHeaders) => {
    const beta = clientHeaders['anthropic-beta'];
    return {
      'content-type': 'application/json',
      'anthropic-version': ANTHROPIC_VERSION,
      ...(beta === undefined ? {} : { 'anthropic-beta': beta }),
    };
  },
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
