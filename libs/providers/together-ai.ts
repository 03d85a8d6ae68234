import type { ProviderRecord } from './provider-record.ts';

export const togetherAi: ProviderRecord = {
  id: 'together_ai',
  name: 'Together AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.together.xyz/v1',
  envKeys: ['TOGETHERAI_API_KEY', 'TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  pricesAs: 'together',
  docsUrl: 'https://docs.together.ai/docs/serverless-models',
};
