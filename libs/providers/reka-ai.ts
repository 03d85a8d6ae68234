import type { ProviderRecord } from './provider-record.ts';

export const rekaAi: ProviderRecord = {
  id: 'reka-ai',
  name: 'Reka',
  dialect: 'openai-chat',
  baseUrl: 'https://api.reka.ai/v1',
  envKeys: ['REKA_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'memory',
  docsUrl: 'https://docs.reka.ai',
};
