import type { ProviderRecord } from './provider-record.ts';

/** LiteLLM's other name for any host that speaks OpenAI chat: `api_base` is mandatory. */
export const openaiLike: ProviderRecord = {
  id: 'openai_like',
  name: 'OpenAI-like host',
  dialect: 'openai-chat',
  baseUrl: undefined,
  envKeys: ['OPENAI_LIKE_API_KEY'],
  envBase: ['OPENAI_LIKE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: undefined,
};
