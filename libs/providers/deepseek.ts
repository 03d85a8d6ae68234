import type { ProviderRecord } from './provider-record.ts';

export const deepseek: ProviderRecord = {
  id: 'deepseek',
  name: 'DeepSeek',
  dialect: 'openai-chat',
  baseUrl: 'https://api.deepseek.com',
  envKeys: ['DEEPSEEK_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  pricesAs: 'deepseek',
  docsUrl: 'https://api-docs.deepseek.com',
};
