import { NO_USAGE } from '#contracts';
import { countAt, recordAt, type JsonRecord } from '../../json/record.ts';
import { type DecodedEmbeddings, type EmbeddingsHost, listAt } from './embeddings-host.ts';
import type { EmbeddingsRequest } from './read-embeddings.ts';

/** What a text is for must be said; without a word it is one to be found, as LiteLLM has it. */
const DEFAULT_INPUT_TYPE = 'search_document';

/** `/v2/embed` (https://docs.cohere.com/reference/embed). It bills `billed_units`. */
export const cohereEmbeddings: EmbeddingsHost = {
  path: () => '/v2/embed',
  encode: (request, model) => ({ model, ...encodeCohere(request) }),
  decode: (answer) => {
    const billed = recordAt(recordAt(answer, 'meta'), 'billed_units');
    const inputTokens = countAt(billed, 'input_tokens') || countAt(billed, 'image_tokens');
    return { ...decodeCohere(answer), usage: inputTokens > 0 ? { ...NO_USAGE, inputTokens } : undefined };
  },
};

/** The same models on Bedrock: without the model's name, the tokens in a header. */
export const bedrockCohereEmbeddings: EmbeddingsHost = {
  path: (model) => `/model/${encodeURIComponent(model)}/invoke`,
  encode: encodeCohere,
  decode: (answer, headers) => {
    const inputTokens = Number(headers['x-amzn-bedrock-input-token-count']);
    return { ...decodeCohere(answer), usage: inputTokens > 0 ? { ...NO_USAGE, inputTokens } : undefined };
  },
};

function encodeCohere(request: EmbeddingsRequest): JsonRecord {
  return {
    ...request.extra,
    texts: request.texts,
    input_type: request.inputType ?? DEFAULT_INPUT_TYPE,
    embedding_types: ['float'],
    ...(request.dimensions === undefined ? {} : { output_dimension: request.dimensions }),
  };
}

/** By type, or a plain list where no types were taken (Embed v3 on Bedrock). */
function decodeCohere(answer: JsonRecord): Pick<DecodedEmbeddings, 'vectors'> {
  return { vectors: Array.isArray(answer['embeddings']) ? answer['embeddings'] : listAt(recordAt(answer, 'embeddings'), 'float') };
}
