import type { ProviderRecord } from './provider-record.ts';

export const siliconflow: ProviderRecord = {
  id: 'siliconflow',
  name: 'SiliconFlow',
  dialect: 'openai-chat',
  baseUrl: 'https://api.siliconflow.com/v1',
  operations: ['openai-embeddings', 'openai-images', 'cohere-rerank'],
  envKeys: ['SILICONFLOW_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, thinkingFormat: 'enable-thinking' },
  hostConfidence: 'source',
  docsUrl: 'https://cloud.siliconflow.com/models',
};
