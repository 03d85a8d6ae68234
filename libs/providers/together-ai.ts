import type { ProviderRecord } from './provider-record.ts';

export const togetherAi: ProviderRecord = {
  id: 'together_ai',
  name: 'Together AI',
  aliases: ['togetherai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.together.xyz/v1',
  operations: ['openai-embeddings', 'openai-images', 'cohere-rerank'],
  envKeys: ['TOGETHERAI_API_KEY', 'TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY'],
  envBase: ['TOGETHER_AI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { completions: true, maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  pricesAs: 'together',
  docsUrl: 'https://docs.together.ai/docs/serverless-models',
};
