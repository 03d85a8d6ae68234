import type { ProviderRecord } from './provider-record.ts';

/** The router: `org/name`, or `org/name:provider` to choose who runs it. */
export const huggingface: ProviderRecord = {
  id: 'huggingface',
  name: 'Hugging Face',
  dialect: 'openai-chat',
  baseUrl: 'https://router.huggingface.co/v1',
  envKeys: ['HUGGINGFACE_API_KEY', 'HF_TOKEN'],
  envBase: ['HUGGINGFACE_API_BASE', 'HF_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://huggingface.co/docs/inference-providers',
};
