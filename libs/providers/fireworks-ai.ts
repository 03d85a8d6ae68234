import type { ProviderRecord } from './provider-record.ts';

export const fireworksAi: ProviderRecord = {
  id: 'fireworks_ai',
  name: 'Fireworks AI',
  aliases: ['fireworks-ai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  operations: ['openai-embeddings', 'cohere-rerank'],
  envKeys: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY'],
  envBase: ['FIREWORKS_API_BASE', 'FIREWORKS_AI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { completions: true },
  hostConfidence: 'source',
  pricesAs: 'fireworks',
  docsUrl: 'https://fireworks.ai/docs/',
};
