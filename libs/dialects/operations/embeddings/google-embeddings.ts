import { NO_USAGE } from '#contracts';
import { methodPath } from '../../gemini-generate/model-path.ts';
import { countAt, isRecord, recordAt, type JsonRecord } from '../../json/record.ts';
import { type EmbeddingsHost, listAt } from './embeddings-host.ts';
import type { EmbeddingsRequest } from './read-embeddings.ts';

/** OpenAI-compatible clients use Cohere's words, Google has its own; both are taken. */
const TASK_TYPES: Readonly<Record<string, string>> = {
  search_query: 'RETRIEVAL_QUERY',
  search_document: 'RETRIEVAL_DOCUMENT',
  query: 'RETRIEVAL_QUERY',
  document: 'RETRIEVAL_DOCUMENT',
  passage: 'RETRIEVAL_DOCUMENT',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
};

/** AI Studio (https://ai.google.dev/api/embeddings): every text is a request of its own in one batch. */
export const geminiEmbeddings: EmbeddingsHost = {
  path: (model) => methodPath(model, 'batchEmbedContents'),
  encode: (request, model) => ({
    requests: request.texts.map((text) => ({
      ...request.extra,
      model: model.includes('/') ? model : `models/${model}`,
      content: { parts: [{ text }] },
      ...(request.inputType === undefined ? {} : { taskType: taskType(request) }),
      ...(request.dimensions === undefined ? {} : { outputDimensionality: request.dimensions }),
    })),
  }),
  decode: (answer) => {
    const inputTokens = countAt(recordAt(answer, 'usageMetadata'), 'promptTokenCount');
    return {
      vectors: listAt(answer, 'embeddings').map((one) => (isRecord(one) ? one['values'] : undefined)),
      usage: inputTokens > 0 ? { ...NO_USAGE, inputTokens } : undefined,
    };
  },
};

/**
 * Vertex (https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api): instances, with the tokens of
 * each in its statistics. Gemini models take one text to a call there and say so themselves.
 */
export const vertexEmbeddings: EmbeddingsHost = {
  path: (model) => methodPath(model, 'predict'),
  encode: (request) => {
    const { title, ...extra } = request.extra;
    return {
      instances: request.texts.map((content) => ({
        content,
        ...(request.inputType === undefined ? {} : { task_type: taskType(request) }),
        ...(title === undefined ? {} : { title }),
      })),
      parameters: { ...extra, ...(request.dimensions === undefined ? {} : { outputDimensionality: request.dimensions }) },
    };
  },
  decode: (answer) => {
    const embeddings = listAt(answer, 'predictions').map((one) => recordAt(isRecord(one) ? one : undefined, 'embeddings'));
    const inputTokens = embeddings.reduce((total, one) => total + countAt(recordAt(one, 'statistics'), 'token_count'), 0);
    return { vectors: embeddings.map(valuesOf), usage: inputTokens > 0 ? { ...NO_USAGE, inputTokens } : undefined };
  },
};

function valuesOf(embedding: JsonRecord | undefined): unknown {
  return embedding?.['values'];
}

function taskType({ inputType = '' }: EmbeddingsRequest): string {
  return TASK_TYPES[inputType] ?? inputType;
}
