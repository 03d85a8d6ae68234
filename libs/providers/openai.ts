import type { ProviderRecord } from './provider-record.ts';

export const openai: ProviderRecord = {
  id: 'openai',
  name: 'OpenAI',
  aliases: ['text-completion-openai'],
  dialect: 'openai-chat',
  baseUrl: 'https://api.openai.com/v1',
  families: [
    { models: ['responses/'], prefix: 'responses/', dialect: 'openai-responses' },
    // an `api_base` of the operator's is often a server that has chat only; `openai/responses/…` says that it has more
    { clients: ['openai-responses'], dialect: 'openai-responses', baseUrl: 'https://api.openai.com/v1' },
    // the few models of the old endpoint; all others are asked as a chat, which the models of today take nowhere else
    { models: ['gpt-3.5-turbo-instruct', 'davinci-', 'babbage-'], quirks: { completions: true } },
    // not where an `api_base` leads elsewhere: such a server may know `max_tokens` only, and take more than OpenAI does
    {
      baseUrl: 'https://api.openai.com/v1',
      quirks: { maxTokensField: 'max_completion_tokens', unsupportedParams: ['top_k'], cacheControl: false },
    },
  ],
  operations: [
    'openai-responses',
    'openai-completions',
    'openai-embeddings',
    'openai-images',
    'openai-image-edits',
    'openai-speech',
    'openai-transcriptions',
    'openai-translations',
    'openai-moderations',
  ],
  envKeys: ['OPENAI_API_KEY'],
  envBase: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  auth: { kind: 'bearer' },
  quirks: {},
  hostConfidence: 'source',
  pricesAs: 'openai',
  // https://developers.openai.com/api/docs/guides/flex-processing: flex is billed at the rates of batches, which are half the usual ones.
  tierMultipliers: { batch: '0.5', flex: '0.5' },
  docsUrl: 'https://platform.openai.com/docs/models',
  bareModels: ['gpt-', 'chatgpt-', 'o1', 'o3', 'o4', 'text-'],
};
