import type { ProviderRecord } from './provider-record.ts';

/** A server of one's own for embeddings and reranking: `api_base` says where. */
export const infinity: ProviderRecord = {
  id: 'infinity',
  name: 'Infinity server',
  dialect: 'openai-chat',
  baseUrl: undefined,
  operations: ['openai-embeddings', 'cohere-rerank'],
  conversations: false,
  envKeys: ['INFINITY_API_KEY'],
  keyOptional: true,
  envBase: ['INFINITY_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://michaelfeil.eu/infinity/',
};
