import type { ProviderRecord } from './provider-record.ts';

export const aiml: ProviderRecord = {
  id: 'aiml',
  name: 'AI/ML API',
  dialect: 'openai-chat',
  baseUrl: 'https://api.aimlapi.com/v1',
  operations: ['openai-embeddings'],
  envKeys: ['AIML_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'memory',
  docsUrl: 'https://docs.aimlapi.com',
};
