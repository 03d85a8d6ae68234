import type { ProviderRecord } from './provider-record.ts';

/** Also speaks Anthropic's format, the only one with the reasoning apart, which is used when a client does. */
export const minimaxCn: ProviderRecord = {
  id: 'minimax-cn',
  name: 'MiniMax (China)',
  dialect: 'openai-chat',
  baseUrl: 'https://api.minimaxi.com/v1',
  families: [{ clients: ['anthropic-messages'], dialect: 'anthropic-messages', baseUrl: 'https://api.minimaxi.com/anthropic' }],
  envKeys: ['MINIMAX_CN_API_KEY', 'MINIMAX_API_KEY'],
  envBase: ['MINIMAX_CN_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
  hostConfidence: 'source',
  pricesAs: 'minimax',
  docsUrl: 'https://platform.minimaxi.com/docs/guides/quickstart',
};
