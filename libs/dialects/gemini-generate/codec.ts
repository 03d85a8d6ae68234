import type { ClientCodec, ProviderCodec } from '../dialect-codec.ts';
import { decodeRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { mapError } from './map-error.ts';
import { readsAddress } from './media-type.ts';
import { modelPath } from './model-path.ts';
import { paramName } from './param-name.ts';

export const geminiGenerateClient: ClientCodec = {
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  paramName,
  // Gemini CLI asks every model with topK 64 and a thinking budget
  advice: ['topK', 'reasoningEffort', 'reasoningBudget'],
};

export const geminiGenerateProvider: ProviderCodec = {
  path: modelPath,
  cannot: ['parallelToolCalls'],
  takesMediaUrls: false,
  readsUrl: readsAddress,
  takesAudio: true,
  headers: () => ({ 'content-type': 'application/json' }),
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
