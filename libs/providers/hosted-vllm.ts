import type { ProviderRecord } from './provider-record.ts';

/** A vLLM server of the operator's own: `api_base` says where, a key is optional. */
export const hostedVllm: ProviderRecord = {
  id: 'hosted_vllm',
  name: 'vLLM server',
  aliases: ['vllm'],
  dialect: 'openai-chat',
  baseUrl: undefined,
  operations: ['openai-embeddings', 'openai-transcriptions', 'cohere-rerank'],
  envKeys: ['HOSTED_VLLM_API_KEY'],
  keyOptional: true,
  envBase: ['HOSTED_VLLM_API_BASE'],
  auth: { kind: 'bearer' },
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#extra-parameters-for-chat-api
  quirks: { completions: true, prefill: true, prefillFields: { continue_final_message: true, add_generation_prompt: false } },
  hostConfidence: 'source',
  docsUrl: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
};
