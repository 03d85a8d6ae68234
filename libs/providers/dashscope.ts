import type { ProviderRecord } from './provider-record.ts';

/** Model Studio outside China. Thinking is switched by a field of its own, `enable_thinking`. */
export const dashscope: ProviderRecord = {
  id: 'dashscope',
  name: 'Alibaba Model Studio',
  aliases: ['alibaba'],
  dialect: 'openai-chat',
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  operations: ['openai-embeddings'],
  envKeys: ['DASHSCOPE_API_KEY'],
  envBase: ['DASHSCOPE_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, thinkingFormat: 'enable-thinking' },
  hostConfidence: 'source',
  docsUrl: 'https://www.alibabacloud.com/help/en/model-studio/models',
};
