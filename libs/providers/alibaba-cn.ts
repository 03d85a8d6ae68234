import type { ProviderRecord } from './provider-record.ts';

/** Model Studio in China; as `dashscope`, with keys of its own. */
export const alibabaCn: ProviderRecord = {
  id: 'alibaba-cn',
  name: 'Alibaba Model Studio (China)',
  dialect: 'openai-chat',
  baseUrl: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
  operations: ['openai-embeddings'],
  envKeys: ['DASHSCOPE_API_KEY'],
  auth: { kind: 'bearer' },
  quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false, thinkingFormat: 'enable-thinking' },
  hostConfidence: 'source',
  docsUrl: 'https://www.alibabacloud.com/help/en/model-studio/models',
};
