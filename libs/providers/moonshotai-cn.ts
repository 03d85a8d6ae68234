import type { ProviderRecord } from './provider-record.ts';

export const moonshotaiCn: ProviderRecord = {
  id: 'moonshotai-cn',
  name: 'Moonshot AI (China)',
  dialect: 'openai-chat',
  baseUrl: 'https://api.moonshot.cn/v1',
  envKeys: ['MOONSHOT_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    reasoningEffort: false,
    strictTools: false,
    reasoningBack: 'reasoning_content',
    unsupportedParams: ['store'],
  },
  hostConfidence: 'source',
  pricesAs: 'moonshotai',
  docsUrl: 'https://platform.moonshot.cn/docs/api/chat',
};
