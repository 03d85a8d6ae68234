import type { ProviderRecord } from './provider-record.ts';

/** Content lists must be one string: LiteLLM converts them too. */
export const publicai: ProviderRecord = {
  id: 'publicai',
  name: 'PublicAI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.publicai.co/v1',
  envKeys: ['PUBLICAI_API_KEY'],
  envBase: ['PUBLICAI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', flattenContent: true },
  hostConfidence: 'source',
  docsUrl: undefined,
};
