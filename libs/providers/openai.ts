import type { ProviderRecord } from './provider-record.ts';

export const openai: ProviderRecord = {
  id: 'openai',
  name: 'OpenAI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.openai.com/v1',
  envKeys: ['OPENAI_API_KEY'],
  envBase: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'openai',
  docsUrl: 'https://platform.openai.com/docs/models',
  bareModels: ['gpt-', 'chatgpt-', 'o1', 'o3', 'o4', 'text-'],
};
