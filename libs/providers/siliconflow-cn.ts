import type { ProviderRecord } from './provider-record.ts';

export const siliconflowCn: ProviderRecord = {
  id: 'siliconflow-cn',
  name: 'SiliconFlow (China)',
  dialect: 'openai-chat',
  baseUrl: 'https://api.siliconflow.cn/v1',
  operations: ['openai-embeddings', 'openai-images', 'cohere-rerank'],
  envKeys: ['SILICONFLOW_CN_API_KEY', 'SILICONFLOW_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, thinkingFormat: 'enable-thinking' },
  hostConfidence: 'source',
  docsUrl: 'https://cloud.siliconflow.com/models',
};
