import type { ProviderRecord } from './provider-record.ts';

/** Wants the reasoning of a turn with tool calls back: https://api-docs.deepseek.com/guides/thinking_mode */
export const deepseek: ProviderRecord = {
  id: 'deepseek',
  name: 'DeepSeek',
  dialect: 'openai-chat',
  baseUrl: 'https://api.deepseek.com',
  envKeys: ['DEEPSEEK_API_KEY'],
  envBase: ['DEEPSEEK_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {
    maxTokensField: 'max_tokens',
    supportsDeveloperRole: false,
    thinkingFormat: 'thinking-and-effort',
    reasoningBack: 'reasoning_content',
    unsupportedParams: ['store'],
  },
  hostConfidence: 'source',
  pricesAs: 'deepseek',
  docsUrl: 'https://api-docs.deepseek.com',
};
