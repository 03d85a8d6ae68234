import type { ProviderRecord } from './provider-record.ts';

export const byteplus: ProviderRecord = {
  id: 'byteplus',
  name: 'BytePlus ModelArk',
  dialect: 'openai-chat',
  baseUrl: 'https://ark.ap-southeast.bytepluses.com/api/v3',
  envKeys: ['BYTEPLUS_API_KEY', 'ARK_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  docsUrl: undefined,
};
