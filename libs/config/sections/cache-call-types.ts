import type { ClientDialect } from '#contracts';

/** LiteLLM's `supported_call_types`, each with the client format that such a call has here. */
export const CALL_TYPES: Readonly<Record<string, ClientDialect>> = {
  completion: 'openai-chat',
  acompletion: 'openai-chat',
  text_completion: 'openai-completions',
  atext_completion: 'openai-completions',
  responses: 'openai-responses',
  aresponses: 'openai-responses',
  anthropic_messages: 'anthropic-messages',
  generate_content: 'gemini-generate',
  agenerate_content: 'gemini-generate',
  embedding: 'openai-embeddings',
  aembedding: 'openai-embeddings',
  rerank: 'cohere-rerank',
  arerank: 'cohere-rerank',
};
