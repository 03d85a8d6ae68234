import type { ProviderRecord } from './provider-record.ts';

/** Also speaks Anthropic's format, the only one with the reasoning apart, which is used when a client does. */
export const minimax: ProviderRecord = {
  id: 'minimax',
  name: 'MiniMax',
  dialect: 'openai-chat',
  baseUrl: 'https://api.minimax.io/v1',
  families: [{ clients: ['anthropic-messages'], dialect: 'anthropic-messages', baseUrl: 'https://api.minimax.io/anthropic' }],
  envKeys: ['MINIMAX_API_KEY'],
  envBase: ['MINIMAX_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  pricesAs: 'minimax',
  docsUrl: 'https://platform.minimax.io/docs/guides/quickstart',
};
