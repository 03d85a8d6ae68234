import type { ProviderRecord } from './provider-record.ts';

/** A server of one's own, by its native API: that has the context size and the thinking that its OpenAI surface lacks. */
export const ollama: ProviderRecord = {
  id: 'ollama',
  name: 'Ollama',
  aliases: ['ollama_chat'],
  dialect: 'ollama-chat',
  baseUrl: 'http://127.0.0.1:11434',
  operations: ['openai-embeddings'],
  envKeys: ['OLLAMA_API_KEY'],
  keyOptional: true,
  envBase: ['OLLAMA_API_BASE', 'OLLAMA_HOST'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://github.com/ollama/ollama/blob/main/docs/api.md',
};
