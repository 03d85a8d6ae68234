import type { ProviderRecord } from './provider-record.ts';

export const xiaomiMimo: ProviderRecord = {
  id: 'xiaomi_mimo',
  name: 'Xiaomi MiMo',
  aliases: ['xiaomi'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.xiaomimimo.com/v1',
  envKeys: ['XIAOMI_MIMO_API_KEY', 'XIAOMI_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  docsUrl: 'https://platform.xiaomimimo.com',
};
