import { NO_USAGE } from '#contracts';
import { countAt } from '../../json/record.ts';
import { type EmbeddingsHost, listAt } from './embeddings-host.ts';

/** `/api/embed` (https://github.com/ollama/ollama/blob/main/docs/api.md#generate-embeddings). */
export const ollamaEmbeddings: EmbeddingsHost = {
  path: () => '/api/embed',
  encode: (request, model) => {
    if (request.inputType !== undefined) request.refuse('input_type');
    return {
      ...request.extra,
      model,
      input: request.texts,
      ...(request.dimensions === undefined ? {} : { dimensions: request.dimensions }),
    };
  },
  decode: (answer) => {
    const inputTokens = countAt(answer, 'prompt_eval_count');
    return { vectors: listAt(answer, 'embeddings'), usage: inputTokens > 0 ? { ...NO_USAGE, inputTokens } : undefined };
  },
};
