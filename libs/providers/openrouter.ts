import type { ProviderRecord } from './provider-record.ts';

export const openrouter: ProviderRecord = {
  id: 'openrouter',
  name: 'OpenRouter',
  dialect: 'openai-chat',
  baseUrl: 'https://openrouter.ai/api/v1',
  envKeys: ['OPENROUTER_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'openrouter',
  docsUrl: 'https://openrouter.ai/docs',
};
