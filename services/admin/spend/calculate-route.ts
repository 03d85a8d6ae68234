import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { pricedDeployment } from '#attempts';
import { GatewayError, NO_USAGE, type TokenUsage } from '#contracts';
import { measureChat } from '#dialects';
import type { PricedDeployment } from '#pricing';
import { countTokens } from '#tokens';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';

const count = z.number({ error: 'give a whole number' }).int().min(0).optional();
const usageSchema = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  input_tokens: count,
  output_tokens: count,
  prompt_tokens_details: z.looseObject({ cached_tokens: count.nullable() }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: count.nullable() }).nullish(),
  cache_read_input_tokens: count.nullable(),
  cache_creation_input_tokens: count.nullable(),
});

const bodySchema = z.object({
  model: z.string().min(1).optional(),
  messages: z.array(z.unknown()).optional(),
  completion_response: z.looseObject({ model: z.string().min(1).optional(), usage: usageSchema }).optional(),
});

/**
 * `POST /spend/calculate`: what a request (`messages`, counted here, without an answer) or an answer (`completion_response`, by its usage)
 * costs. Calls nobody and books nothing.
 */
export function registerCalculateRoute(app: FastifyInstance, resources: AdminResources): void {
  const spec = {
    method: 'POST',
    url: '/spend/calculate',
    summary: 'What a request or an answer costs',
    body: bodySchema,
    example: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] },
    replyExample: { cost: 0.0000025 },
  } as const;
  defineRoute(app, spec, async (request) => {
    const { model, messages, completion_response: answer } = parseInput(request.body, { schema: bodySchema, place: 'body' });
    if (answer === undefined && messages === undefined) {
      throw new GatewayError('invalid_request', 'messages: give these, or completion_response.', { param: 'messages' });
    }
    const name = model ?? answer?.model;
    if (name === undefined) throw new GatewayError('invalid_request', 'model: say which model it is.', { param: 'model' });
    const usage = answer === undefined ? await usageOfMessages(messages ?? []) : usageOfAnswer(answer.usage);
    const priced = resources.pricer.price({ deployment: deploymentOf(name, resources), usage, at: resources.now(), answered: true });
    if (priced.cost === undefined) {
      throw new GatewayError('invalid_request', `model: no price is known for the model ${name}. Set one in its litellm_params.`, {
        param: 'model',
      });
    }
    return { cost: Number(priced.cost.totalUsd), cost_usd: priced.cost.totalUsd, price_source: priced.source };
  });
}

/** The group's first deployment, else the catalogue's model of that name (`openai/gpt-4o`). */
function deploymentOf(model: string, { stored }: Pick<AdminResources, 'stored'>): PricedDeployment {
  const [deployment] = stored.models.resolve(model)?.deployments ?? [];
  return deployment ? pricedDeployment(deployment) : { prices: undefined, pricesAs: undefined, upstreamModel: model, baseModel: model };
}

async function usageOfMessages(messages: readonly unknown[]): Promise<TokenUsage> {
  const prompt = measureChat({ messages });
  const counts = await Promise.all(prompt.texts.map((text) => countTokens(text)));
  return { ...NO_USAGE, inputTokens: counts.reduce((sum, tokens) => sum + tokens, prompt.imageTokens), estimated: true };
}

/** OpenAI counts what came from the cache among its input tokens, Anthropic (`input_tokens` with `cache_…`) beside them. */
function usageOfAnswer(usage: z.infer<typeof usageSchema>): TokenUsage {
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  const isOpenAi = usage.prompt_tokens !== undefined;
  return {
    ...NO_USAGE,
    inputTokens: isOpenAi ? (usage.prompt_tokens ?? 0) : (usage.input_tokens ?? 0) + cacheRead + cacheWrite,
    cacheReadTokens: isOpenAi ? (usage.prompt_tokens_details?.cached_tokens ?? 0) : cacheRead,
    cacheWriteTokens: isOpenAi ? 0 : cacheWrite,
    outputTokens: usage.completion_tokens ?? usage.output_tokens ?? 0,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
