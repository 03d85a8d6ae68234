import type { ProviderRecord } from './provider-record.ts';

/** Takes `thinking` in place of an effort, and cuts off what does not fit without an error. */
export const zai: ProviderRecord = {
  id: 'zai',
  name: 'Z.AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  operations: ['openai-embeddings'],
  envKeys: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    reasoningEffort: false,
    thinkingFormat: 'thinking-switch',
    unsupportedParams: ['store'],
  },
  hostConfidence: 'source',
  pricesAs: 'zai',
  docsUrl: 'https://docs.z.ai/guides/overview/pricing',
};
