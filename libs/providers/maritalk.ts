import type { ProviderRecord } from './provider-record.ts';

export const maritalk: ProviderRecord = {
  id: 'maritalk',
  name: 'Maritaca AI',
  dialect: 'openai-chat',
  baseUrl: 'https://chat.maritaca.ai/api',
  envKeys: ['MARITALK_API_KEY'],
  auth: { kind: 'header', header: 'authorization', scheme: 'Key' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'memory',
  docsUrl: 'https://docs.maritaca.ai',
};
