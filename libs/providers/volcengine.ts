import type { ProviderRecord } from './provider-record.ts';

/** Ids of endpoints (`ep-…`) are model names here. */
export const volcengine: ProviderRecord = {
  id: 'volcengine',
  name: 'Volcengine Ark (Doubao)',
  dialect: 'openai-chat',
  baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
  operations: ['openai-embeddings'],
  envKeys: ['VOLCENGINE_API_KEY', 'ARK_API_KEY'],
  envBase: ['VOLCENGINE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  docsUrl: 'https://www.volcengine.com/docs/82379',
};
