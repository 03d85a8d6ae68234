import type { ProviderRecord } from './provider-record.ts';

/** A vLLM server of the operator's own: `api_base` says where, a key is optional. */
export const hostedVllm: ProviderRecord = {
  id: 'hosted_vllm',
  name: 'vLLM server',
  dialect: 'openai-chat',
  baseUrl: undefined,
  envKeys: ['HOSTED_VLLM_API_KEY'],
  envBase: ['HOSTED_VLLM_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
};
