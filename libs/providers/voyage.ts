import type { ProviderRecord } from './provider-record.ts';

/** Its rerank calls the number of results `top_k`: https://docs.voyageai.com/reference/reranker-api */
export const voyage: ProviderRecord = {
  id: 'voyage',
  name: 'Voyage AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.voyageai.com/v1',
  operations: ['openai-embeddings', 'cohere-rerank'],
  conversations: false,
  envKeys: ['VOYAGE_API_KEY'],
  envBase: ['VOYAGE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {
    operationFields: { 'cohere-rerank': { top_n: 'top_k' }, 'openai-embeddings': { dimensions: 'output_dimension' } },
  },
  hostConfidence: 'source',
  pricesAs: 'voyageai',
  docsUrl: 'https://docs.voyageai.com',
};
