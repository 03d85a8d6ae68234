import type { ProviderCodec } from '../dialect-codec.ts';
import { createLineSplitter } from '../ndjson/split-lines.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/** Ollama's own API (https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion): lines of JSON. */
export const ollamaChatProvider: ProviderCodec = {
  path: () => '/api/chat',
  headers: () => ({ 'content-type': 'application/json' }),
  openFraming: createLineSplitter,
  cannot: ['parallelToolCalls', 'serviceTier'],
  takesMediaUrls: false,
  takesPrefill: () => true,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
