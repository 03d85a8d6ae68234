import type { ProviderRecord } from './provider-record.ts';

export const nebius: ProviderRecord = {
  id: 'nebius',
  name: 'Nebius Token Factory',
  dialect: 'openai-chat',
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  operations: ['openai-embeddings', 'openai-images'],
  envKeys: ['NEBIUS_API_KEY'],
  envBase: ['NEBIUS_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { completions: true },
  hostConfidence: 'source',
  docsUrl: 'https://docs.tokenfactory.nebius.com/',
};
