import type { ProviderRecord } from './provider-record.ts';

export const gemini: ProviderRecord = {
  id: 'gemini',
  name: 'Google AI Studio',
  dialect: 'gemini-generate',
  baseUrl: 'https://generativelanguage.googleapis.com',
  operations: ['openai-embeddings', 'openai-images'],
  envKeys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
  envBase: ['GEMINI_API_BASE'],
  auth: { kind: 'header', header: 'x-goog-api-key' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'google',
  // https://ai.google.dev/gemini-api/docs/optimization; priority is 75 to 100 % dearer, by model, and so not here.
  tierMultipliers: { batch: '0.5', flex: '0.5' },
  docsUrl: 'https://ai.google.dev/gemini-api/docs/models',
};
