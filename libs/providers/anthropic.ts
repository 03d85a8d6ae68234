import type { ProviderRecord } from './provider-record.ts';

export const anthropic: ProviderRecord = {
  id: 'anthropic',
  name: 'Anthropic',
  dialect: 'anthropic-messages',
  baseUrl: 'https://api.anthropic.com',
  envKeys: ['ANTHROPIC_API_KEY'],
  envBase: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE'],
  auth: { kind: 'header', header: 'x-api-key' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'anthropic',
  // https://docs.claude.com/en/docs/build-with-claude/batch-processing
  tierMultipliers: { batch: '0.5' },
  docsUrl: 'https://docs.anthropic.com/en/docs/about-claude/models',
  bareModels: ['claude-'],
};
