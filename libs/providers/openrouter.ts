import type { ProviderRecord } from './provider-record.ts';

export const openrouter: ProviderRecord = {
  id: 'openrouter',
  name: 'OpenRouter',
  dialect: 'openai-chat',
  baseUrl: 'https://openrouter.ai/api/v1',
  operations: ['openai-embeddings'],
  envKeys: ['OPENROUTER_API_KEY'],
  envBase: ['OPENROUTER_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { thinkingFormat: 'reasoning-object', reasoningBack: 'reasoning', cacheControl: 'blocks', completions: true },
  hostConfidence: 'source',
  pricesAs: 'openrouter',
  docsUrl: 'https://openrouter.ai/docs',
};
