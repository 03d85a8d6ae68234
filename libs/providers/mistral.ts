import type { ProviderRecord } from './provider-record.ts';

/** Refuses fields it does not know, and states usage in the last chunk of a stream unasked. */
export const mistral: ProviderRecord = {
  id: 'mistral',
  name: 'Mistral',
  dialect: 'openai-chat',
  baseUrl: 'https://api.mistral.ai/v1',
  envKeys: ['MISTRAL_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {
    maxTokensField: 'max_tokens',
    streamUsage: false,
    unsupportedParams: ['seed', 'logit_bias', 'logprobs', 'top_logprobs', 'store'],
  },
  hostConfidence: 'source',
  pricesAs: 'mistral',
  docsUrl: 'https://docs.mistral.ai/getting-started/models/',
};
