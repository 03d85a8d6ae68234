import type { ProviderRecord } from './provider-record.ts';

export const chutes: ProviderRecord = {
  id: 'chutes',
  name: 'Chutes',
  dialect: 'openai-chat',
  baseUrl: 'https://llm.chutes.ai/v1',
  operations: ['openai-embeddings'],
  envKeys: ['CHUTES_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, unsupportedParams: ['store'] },
  hostConfidence: 'source',
  docsUrl: 'https://llm.chutes.ai/v1/models',
};
