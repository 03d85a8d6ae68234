import type { ProviderRecord } from './provider-record.ts';

/** The agent API, in the Responses format. */
export const perplexityAgent: ProviderRecord = {
  id: 'perplexity-agent',
  name: 'Perplexity Agent',
  dialect: 'openai-responses',
  baseUrl: 'https://api.perplexity.ai/v1',
  envKeys: ['PERPLEXITY_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.perplexity.ai/docs/agent-api/models',
};
