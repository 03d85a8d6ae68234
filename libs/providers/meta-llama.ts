import type { ProviderRecord } from './provider-record.ts';

export const metaLlama: ProviderRecord = {
  id: 'meta_llama',
  name: 'Llama API',
  aliases: ['llama'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.llama.com/compat/v1',
  envKeys: ['LLAMA_API_KEY'],
  envBase: ['LLAMA_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://llama.developer.meta.com/docs/models',
};
