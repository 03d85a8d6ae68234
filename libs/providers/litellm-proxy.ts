import type { ProviderRecord } from './provider-record.ts';

/** Another LiteLLM, or another gateway of this kind: `api_base` says where. */
export const litellmProxy: ProviderRecord = {
  id: 'litellm_proxy',
  name: 'LiteLLM proxy',
  dialect: 'openai-chat',
  baseUrl: undefined,
  families: [
    { clients: ['openai-responses'], dialect: 'openai-responses' },
    { clients: ['anthropic-messages', 'anthropic-count-tokens'], dialect: 'anthropic-messages' },
  ],
  operations: [
    'openai-responses',
    'anthropic-messages',
    'openai-embeddings',
    'openai-images',
    'openai-image-edits',
    'openai-speech',
    'openai-transcriptions',
    'openai-moderations',
    'cohere-rerank',
  ],
  envKeys: ['LITELLM_PROXY_API_KEY'],
  keyOptional: true,
  envBase: ['LITELLM_PROXY_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { completions: true, thinkingBlocks: true, cacheControl: 'blocks' },
  hostConfidence: 'source',
  docsUrl: 'https://docs.litellm.ai/docs/providers/litellm_proxy',
};
