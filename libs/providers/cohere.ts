import type { ProviderRecord } from './provider-record.ts';

export const cohere: ProviderRecord = {
  id: 'cohere',
  name: 'Cohere',
  aliases: ['cohere_chat'],
  dialect: 'cohere-chat',
  baseUrl: 'https://api.cohere.com',
  operations: ['openai-embeddings', 'cohere-rerank'],
  envKeys: ['COHERE_API_KEY', 'CO_API_KEY'],
  envBase: ['COHERE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'cohere',
  docsUrl: 'https://docs.cohere.com/docs/models',
  bareModels: ['command-'],
};
