import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '#contracts';
import { measureChat } from '#dialects';
import { countTokens } from '#tokens';
import { callerOf } from '../auth/authenticate-first.ts';
import { accessGroups, aliasedModel, requireModelAccess } from '../auth/model-access.ts';
import { parseObject } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';

/** Models that count as we do; for all others the count is 10 to 20 % off. */
const SAME_ENCODING = /^(?:gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|chatgpt-|o[134](?:-|$))/;
/** Separators of a message, and the beginning of the answer (https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken). */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_OF_ANSWER_START = 3;

type OnRequest = (request: FastifyRequest, reply: unknown, done: (error?: Error) => void) => void;

/**
 * `POST /utils/token_counter`, as LiteLLM has it: what a request would count, without calling anybody. `prompt`, `messages` or
 * `contents`, with `tools` and `system`. Pictures are estimated from their size and shown apart.
 */
export function registerTokenCounter(app: FastifyInstance, onRequest: OnRequest, resources: IngressResources): void {
  const count = async (request: FastifyRequest) => {
    const body = readBody(request.body);
    const model = String(body['model']);
    const caller = await callerOf(request, body, resources);
    requireModelAccess(caller, model, accessGroups(resources.models));
    const deployment = resources.models.resolve(aliasedModel(caller, model, resources.models))?.deployments[0];
    const modelUsed = deployment?.upstreamModel ?? model;
    const prompt = measureChat(body);
    const counts = await Promise.all(prompt.texts.map((text) => countTokens(text)));
    const overhead = prompt.messages === 0 ? 0 : prompt.messages * TOKENS_PER_MESSAGE + TOKENS_OF_ANSWER_START;
    return {
      total_tokens: counts.reduce((total, tokens) => total + tokens, overhead + prompt.imageTokens),
      request_model: model,
      model_used: modelUsed,
      tokenizer_type: 'o200k_base',
      image_tokens: prompt.imageTokens,
      estimated: prompt.imageTokens > 0 || !SAME_ENCODING.test(modelUsed),
    };
  };
  for (const path of ['/utils/token_counter', '/v1/utils/token_counter']) app.post(path, { onRequest }, count);
}

function readBody(body: unknown): Record<string, unknown> {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new GatewayError('invalid_json', 'The request has no body. Send a JSON object.');
  const fields = parseObject(body);
  if (typeof fields['model'] !== 'string' || fields['model'] === '') throw invalid('model', 'must be a model name');
  const { prompt, messages, contents } = fields;
  if (messages !== undefined && !Array.isArray(messages)) throw invalid('messages', 'must be a list of messages');
  if (prompt === undefined && messages === undefined && contents === undefined) {
    throw invalid('messages', 'must be given, or prompt or contents in its place');
  }
  return fields;
}

function invalid(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', `'${param}' ${rule}.`, { param });
}
