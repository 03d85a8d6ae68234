import type { ProviderRecord } from './provider-record.ts';

export const ai21: ProviderRecord = {
  id: 'ai21',
  name: 'AI21 Labs',
  aliases: ['ai21_chat'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.ai21.com/studio/v1',
  envKeys: ['AI21_API_KEY'],
  envBase: ['AI21_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.ai21.com',
};
