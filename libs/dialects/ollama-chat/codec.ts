import type { ProviderCodec } from '../dialect-codec.ts';
import { createLineSplitter } from '../ndjson/split-lines.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { mapError } from './map-error.ts';

/** Ollama answers `think` to these with 400 ("does not support thinking"); models that are not here are asked. */
const NEVER_THINKS =
  /(?:^|\/)(?:llama[23]|codellama|tinyllama|mistral|mixtral|codestral|devstral|gemma[23]?(?![\da-z])|phi[34](?!-(?:mini-)?reasoning)|qwen2|qwen3-coder|starcoder|command-r|deepseek-coder|smollm)/;

/** Ollama's own API (https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion): lines of JSON. */
export const ollamaChatProvider: ProviderCodec = {
  path: () => '/api/chat',
  headers: () => ({ 'content-type': 'application/json' }),
  openFraming: createLineSplitter,
  cannot: ['parallelToolCalls', 'serviceTier'],
  cannotOf: (model) => (NEVER_THINKS.test(model) ? ['reasoningEffort', 'reasoningBudget'] : []),
  takesMediaUrls: false,
  takesPrefill: () => true,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  mapError,
};
