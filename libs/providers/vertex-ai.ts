import type { ProviderRecord } from './provider-record.ts';

const PROJECT = '/v1/projects/{vertex_project}/locations/{vertex_location}';
/** Newer fields come here first. */
const GEMINI = '/v1beta1/projects/{vertex_project}/locations/{vertex_location}/publishers/google/models/{model}';

/**
 * Gemini, Claude, Mistral and open models on Google Cloud. Hosts by location:
 * https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations. Open models are `publisher/name-maas`.
 */
export const vertexAi: ProviderRecord = {
  id: 'vertex_ai',
  name: 'Google Vertex AI',
  aliases: ['vertex_ai_beta', 'google-vertex'],
  dialect: 'gemini-generate',
  baseUrl: 'https://{vertex_host}',
  settings: {
    vertex_project: {
      params: ['vertex_project', 'vertex_ai_project'],
      env: ['VERTEXAI_PROJECT', 'GOOGLE_VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT'],
    },
    vertex_location: {
      params: ['vertex_location', 'vertex_ai_location'],
      env: ['VERTEXAI_LOCATION', 'GOOGLE_VERTEX_LOCATION', 'GOOGLE_CLOUD_LOCATION'],
      fallback: 'us-central1',
    },
    vertex_host: {
      params: ['vertex_location', 'vertex_ai_location'],
      env: ['VERTEXAI_LOCATION', 'GOOGLE_VERTEX_LOCATION', 'GOOGLE_CLOUD_LOCATION'],
      fallback: 'us-central1',
      values: {
        global: 'aiplatform.googleapis.com',
        us: 'aiplatform.us.rep.googleapis.com',
        eu: 'aiplatform.eu.rep.googleapis.com',
        '*': '{value}-aiplatform.googleapis.com',
      },
    },
  },
  paths: {
    chat: {
      whole: `${GEMINI}:generateContent`,
      stream: `${GEMINI}:streamGenerateContent?alt=sse`,
    },
    'gemini-count-tokens': `${GEMINI}:countTokens`,
    'openai-embeddings': `${PROJECT}/publishers/google/models/{model}:predict`,
    'openai-images': `${PROJECT}/publishers/google/models/{model}:predict`,
  },
  families: [
    {
      models: ['claude-'],
      dialect: 'vertex-raw-predict',
      paths: {
        every: {
          whole: `${PROJECT}/publishers/anthropic/models/{model}:rawPredict`,
          stream: `${PROJECT}/publishers/anthropic/models/{model}:streamRawPredict`,
        },
      },
    },
    {
      models: ['mistral-', 'codestral-'],
      dialect: 'mistral-chat',
      paths: {
        every: {
          whole: `${PROJECT}/publishers/mistralai/models/{model}:rawPredict`,
          stream: `${PROJECT}/publishers/mistralai/models/{model}:streamRawPredict`,
        },
      },
    },
    {
      models: ['*/*-maas', 'meta/', 'openai/', 'qwen/', 'deepseek-ai/', 'moonshotai/', 'minimaxai/', 'zai-org/'],
      dialect: 'openai-chat',
      paths: { every: `${PROJECT}/endpoints/openapi{path}` },
      quirks: { maxTokensField: 'max_tokens', supportsDeveloperRole: false },
    },
    // models tuned or deployed by oneself are called by their endpoint
    {
      models: ['endpoints/'],
      prefix: 'endpoints/',
      paths: {
        chat: {
          whole: `${PROJECT}/endpoints/{model}:generateContent`,
          stream: `${PROJECT}/endpoints/{model}:streamGenerateContent?alt=sse`,
        },
        'gemini-count-tokens': `${PROJECT}/endpoints/{model}:countTokens`,
      },
    },
  ],
  operations: ['openai-embeddings', 'openai-images'],
  envKeys: [],
  envCredentials: ['GOOGLE_APPLICATION_CREDENTIALS', 'VERTEXAI_PROJECT'],
  auth: { kind: 'google-oauth' },
  quirks: { embedsByPredict: true },
  hostConfidence: 'source',
  pricesAs: 'google',
  docsUrl: 'https://cloud.google.com/vertex-ai/generative-ai/docs/models',
  bareModels: ['gemini-'],
};
