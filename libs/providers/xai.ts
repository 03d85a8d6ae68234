import type { ProviderRecord } from './provider-record.ts';

export const xai: ProviderRecord = {
  id: 'xai',
  name: 'xAI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.x.ai/v1',
  families: [{ clients: ['openai-responses'], dialect: 'openai-responses', baseUrl: 'https://api.x.ai/v1' }],
  operations: ['openai-responses', 'openai-images'],
  envKeys: ['XAI_API_KEY'],
  envBase: ['XAI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { supportsDeveloperRole: false, unsupportedParams: ['store'] },
  hostConfidence: 'source',
  pricesAs: 'x-ai',
  docsUrl: 'https://docs.x.ai/docs/models',
};
