import type { ProviderRecord } from './provider-record.ts';

export const xai: ProviderRecord = {
  id: 'xai',
  name: 'xAI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.x.ai/v1',
  envKeys: ['XAI_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'x-ai',
  docsUrl: 'https://docs.x.ai/docs/models',
};
