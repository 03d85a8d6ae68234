import type { ProviderRecord } from './provider-record.ts';

export const aihubmix: ProviderRecord = {
  id: 'aihubmix',
  name: 'AIHubMix',
  dialect: 'openai-chat',
  baseUrl: 'https://aihubmix.com/v1',
  operations: ['openai-embeddings', 'openai-images', 'openai-speech', 'openai-transcriptions', 'openai-moderations', 'cohere-rerank'],
  envKeys: ['AIHUBMIX_API_KEY'],
  envBase: ['AIHUBMIX_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.aihubmix.com',
};
