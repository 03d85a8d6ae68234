import type { ProviderRecord } from './provider-record.ts';

export const recraft: ProviderRecord = {
  id: 'recraft',
  name: 'Recraft',
  dialect: 'openai-chat',
  baseUrl: 'https://external.api.recraft.ai/v1',
  operations: ['openai-images'],
  conversations: false,
  envKeys: ['RECRAFT_API_KEY', 'RECRAFT_API_TOKEN'],
  envBase: ['RECRAFT_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://www.recraft.ai/docs',
};
