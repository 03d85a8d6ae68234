import type { ProviderRecord } from './provider-record.ts';

export const novita: ProviderRecord = {
  id: 'novita',
  name: 'NovitaAI',
  aliases: ['novita-ai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.novita.ai/openai',
  operations: ['openai-embeddings'],
  envKeys: ['NOVITA_API_KEY'],
  envBase: ['NOVITA_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'novita',
  docsUrl: 'https://novita.ai/docs/guides/introduction',
};
