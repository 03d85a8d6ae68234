import type { ProviderRecord } from './provider-record.ts';

export const zhipuai: ProviderRecord = {
  id: 'zhipuai',
  name: 'Zhipu AI',
  dialect: 'openai-chat',
  baseUrl: 'https://open.bigmodel.cn/api/paas/v4',
  operations: ['openai-embeddings'],
  envKeys: ['ZHIPUAI_API_KEY', 'ZHIPU_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    reasoningEffort: false,
    thinkingFormat: 'thinking-switch',
    unsupportedParams: ['store'],
  },
  hostConfidence: 'source',
  pricesAs: 'zhipuai',
  docsUrl: 'https://docs.z.ai/guides/overview/pricing',
};
