import type { ProviderRecord } from './provider-record.ts';

export const featherlessAi: ProviderRecord = {
  id: 'featherless_ai',
  name: 'Featherless AI',
  aliases: ['featherless-ai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.featherless.ai/v1',
  envKeys: ['FEATHERLESS_AI_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { completions: true },
  hostConfidence: 'source',
  docsUrl: undefined,
};
