import type { ProviderRecord } from './provider-record.ts';

export const sambanova: ProviderRecord = {
  id: 'sambanova',
  name: 'SambaNova',
  dialect: 'openai-chat',
  baseUrl: 'https://api.sambanova.ai/v1',
  operations: ['openai-embeddings'],
  envKeys: ['SAMBANOVA_API_KEY'],
  envBase: ['SAMBANOVA_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.sambanova.ai',
};
