import type { ProviderRecord } from './provider-record.ts';

export const moonshot: ProviderRecord = {
  id: 'moonshot',
  name: 'Moonshot AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.moonshot.ai/v1',
  envKeys: ['MOONSHOT_API_KEY'],
  envBase: ['MOONSHOT_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  pricesAs: 'moonshotai',
  docsUrl: 'https://platform.moonshot.ai/docs/api/chat',
};
