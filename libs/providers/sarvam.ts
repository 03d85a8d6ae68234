import type { ProviderRecord } from './provider-record.ts';

/** Keys go into a header of their own. */
export const sarvam: ProviderRecord = {
  id: 'sarvam',
  name: 'Sarvam AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.sarvam.ai/v1',
  envKeys: ['SARVAM_API_KEY'],
  auth: { kind: 'header', header: 'api-subscription-key' },
  quirks: { maxTokensField: 'max_tokens' },
  hostConfidence: 'source',
  docsUrl: 'https://docs.sarvam.ai/api-reference-docs/getting-started/models',
};
