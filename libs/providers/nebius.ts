import type { ProviderRecord } from './provider-record.ts';

export const nebius: ProviderRecord = {
  id: 'nebius',
  name: 'Nebius Token Factory',
  dialect: 'openai-chat',
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  envKeys: ['NEBIUS_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.tokenfactory.nebius.com/',
};
