import type { ProviderRecord } from './provider-record.ts';

/** Any host that speaks OpenAI chat: `api_base` is mandatory. */
export const customOpenai: ProviderRecord = {
  id: 'custom_openai',
  name: 'OpenAI-compatible host',
  dialect: 'openai-chat',
  baseUrl: undefined,
  envKeys: ['CUSTOM_OPENAI_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: undefined,
};
