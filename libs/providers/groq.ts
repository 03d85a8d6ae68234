import type { ProviderRecord } from './provider-record.ts';

/** https://console.groq.com/docs/openai names the fields it answers with a 400. */
export const groq: ProviderRecord = {
  id: 'groq',
  name: 'Groq',
  dialect: 'openai-chat',
  baseUrl: 'https://api.groq.com/openai/v1',
  operations: ['openai-speech', 'openai-transcriptions', 'openai-translations'],
  envKeys: ['GROQ_API_KEY'],
  envBase: ['GROQ_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { reasoningBack: false, unsupportedParams: ['logprobs', 'top_logprobs', 'logit_bias'] },
  hostConfidence: 'source',
  pricesAs: 'groq',
  // https://console.groq.com/docs/flex-processing: flex costs what on demand costs; batches half of it.
  tierMultipliers: { batch: '0.5', flex: '1' },
  docsUrl: 'https://console.groq.com/docs/models',
};
