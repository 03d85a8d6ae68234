import type { ProviderRecord } from './provider-record.ts';

/** Long requests may be answered with a 202 to be polled; that is not done here. */
export const nvidiaNim: ProviderRecord = {
  id: 'nvidia_nim',
  name: 'NVIDIA NIM',
  aliases: ['nvidia'],
  dialect: 'openai-chat',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  operations: ['openai-embeddings'],
  envKeys: ['NVIDIA_NIM_API_KEY', 'NVIDIA_API_KEY'],
  envBase: ['NVIDIA_NIM_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  docsUrl: 'https://docs.api.nvidia.com/nim',
};
