import { NO_USAGE } from '#contracts';
import { countAt } from '../../json/record.ts';
import type { EmbeddingsHost } from './embeddings-host.ts';

/**
 * Amazon Titan on Bedrock: one text to a call
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html).
 */
export const titanEmbeddings: EmbeddingsHost = {
  path: (model) => `/model/${encodeURIComponent(model)}/invoke`,
  encode: (request, model) => {
    if (request.inputType !== undefined) request.refuse('input_type');
    const takesDimensions = !model.includes('titan-embed-text-v1') && !model.includes('titan-embed-g1');
    if (request.dimensions !== undefined && !takesDimensions) request.refuse('dimensions');
    return {
      ...request.extra,
      inputText: request.texts[0],
      ...(request.dimensions !== undefined && takesDimensions ? { dimensions: request.dimensions } : {}),
    };
  },
  decode: (answer) => {
    const inputTokens = countAt(answer, 'inputTextTokenCount');
    return { vectors: [answer['embedding']], usage: inputTokens > 0 ? { ...NO_USAGE, inputTokens } : undefined };
  },
};
