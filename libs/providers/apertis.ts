import type { ProviderRecord } from './provider-record.ts';

export const apertis: ProviderRecord = {
  id: 'apertis',
  name: 'Apertis (Stima)',
  dialect: 'openai-chat',
  baseUrl: 'https://api.stima.tech/v1',
  operations: ['openai-embeddings'],
  envKeys: ['STIMA_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  docsUrl: undefined,
};
