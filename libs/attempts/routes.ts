import type { ClientDialect } from '#contracts';

/** The route a dialect's requests come in by, as the ledger names it. */
export const ROUTE_OF_DIALECT: Readonly<Record<ClientDialect, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'openai-completions': '/v1/completions',
  'anthropic-messages': '/v1/messages',
  'gemini-generate': '/v1beta/models:generateContent',
  'gemini-count-tokens': '/v1beta/models:countTokens',
  'anthropic-count-tokens': '/v1/messages/count_tokens',
  'openai-embeddings': '/v1/embeddings',
  'openai-images': '/v1/images/generations',
  'openai-image-edits': '/v1/images/edits',
  'openai-speech': '/v1/audio/speech',
  'openai-transcriptions': '/v1/audio/transcriptions',
  'openai-translations': '/v1/audio/translations',
  'openai-moderations': '/v1/moderations',
  'cohere-rerank': '/v1/rerank',
};
