import type { ProviderRecord } from './provider-record.ts';

export const moonshot: ProviderRecord = {
  id: 'moonshot',
  name: 'Moonshot AI',
  aliases: ['moonshotai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.moonshot.ai/v1',
  envKeys: ['MOONSHOT_API_KEY'],
  envBase: ['MOONSHOT_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    reasoningEffort: false,
    reasoningBack: 'reasoning_content',
    strictTools: false,
    unsupportedParams: ['store'],
  },
  hostConfidence: 'source',
  pricesAs: 'moonshotai',
  // https://platform.kimi.ai/docs/pricing/batch
  tierMultipliers: { batch: '0.6' },
  docsUrl: 'https://platform.moonshot.ai/docs/api/chat',
};
