import type { ProviderRecord } from './provider-record.ts';

export const fireworksAi: ProviderRecord = {
  id: 'fireworks_ai',
  name: 'Fireworks AI',
  dialect: 'openai-chat',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  envKeys: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'fireworks',
  docsUrl: 'https://fireworks.ai/docs/',
};
