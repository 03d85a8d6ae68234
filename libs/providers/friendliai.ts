import type { ProviderRecord } from './provider-record.ts';

export const friendliai: ProviderRecord = {
  id: 'friendliai',
  name: 'Friendli',
  aliases: ['friendli'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.friendli.ai/serverless/v1',
  envKeys: ['FRIENDLIAI_API_KEY', 'FRIENDLI_TOKEN'],
  envBase: ['FRIENDLI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://friendli.ai/docs/guides/serverless_endpoints/introduction',
};
