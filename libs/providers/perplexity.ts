import type { ProviderRecord } from './provider-record.ts';

export const perplexity: ProviderRecord = {
  id: 'perplexity',
  name: 'Perplexity',
  dialect: 'openai-chat',
  baseUrl: 'https://api.perplexity.ai',
  envKeys: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
  envBase: ['PERPLEXITY_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, unsupportedParams: ['tools', 'tool_choice'] },
  hostConfidence: 'source',
  pricesAs: 'perplexity',
  docsUrl: 'https://docs.perplexity.ai',
};
