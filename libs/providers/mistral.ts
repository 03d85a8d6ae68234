import type { ProviderRecord } from './provider-record.ts';

export const mistral: ProviderRecord = {
  id: 'mistral',
  name: 'Mistral',
  dialect: 'mistral-chat',
  baseUrl: 'https://api.mistral.ai/v1',
  operations: ['openai-embeddings', 'openai-moderations', 'openai-transcriptions'],
  envKeys: ['MISTRAL_API_KEY'],
  envBase: ['MISTRAL_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { operationFields: { 'openai-embeddings': { dimensions: 'output_dimension' } } },
  hostConfidence: 'source',
  pricesAs: 'mistral',
  docsUrl: 'https://docs.mistral.ai/getting-started/models/',
};
