import type { ProviderRecord } from './provider-record.ts';

/** https://console.groq.com/docs/openai names the fields it answers with a 400. */
export const groq: ProviderRecord = {
  id: 'groq',
  name: 'Groq',
  dialect: 'openai-chat',
  baseUrl: 'https://api.groq.com/openai/v1',
  envKeys: ['GROQ_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { unsupportedParams: ['logprobs', 'top_logprobs', 'logit_bias'] },
  hostConfidence: 'source',
  pricesAs: 'groq',
  docsUrl: 'https://console.groq.com/docs/models',
};
