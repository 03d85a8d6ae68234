import type { ProviderRecord } from './provider-record.ts';

export const deepinfra: ProviderRecord = {
  id: 'deepinfra',
  name: 'DeepInfra',
  dialect: 'openai-chat',
  baseUrl: 'https://api.deepinfra.com/v1/openai',
  operations: ['openai-embeddings'],
  envKeys: ['DEEPINFRA_API_KEY'],
  envBase: ['DEEPINFRA_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { completions: true },
  hostConfidence: 'source',
  docsUrl: 'https://deepinfra.com/models',
};
