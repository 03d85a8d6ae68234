import type { ProviderRecord } from './provider-record.ts';

export const jinaAi: ProviderRecord = {
  id: 'jina_ai',
  name: 'Jina AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.jina.ai/v1',
  operations: ['openai-embeddings', 'cohere-rerank'],
  conversations: false,
  envKeys: ['JINA_AI_API_KEY', 'JINA_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://jina.ai/embeddings/',
};
