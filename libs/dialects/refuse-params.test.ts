import { describe, expect, it } from 'vitest';
import type { Exchange, ExchangeInput } from './exchange.ts';
import { openExchange } from './open-exchange.ts';

type Client = ExchangeInput['clientDialect'];
type Provider = ExchangeInput['providerDialect'];

function open(clientDialect: Client, providerDialect: Provider, upstreamModel: string, request: object): Exchange {
  const body = { model: 'group', max_tokens: 9_000, messages: [{ role: 'user', content: 'hi' }], ...request };
  return openExchange({
    clientDialect,
    providerDialect,
    stream: true,
    body: Buffer.from(JSON.stringify(body)),
    upstreamModel,
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_790_000_000,
    answerId: 'job_1',
  });
}

const NO_REASONERS: readonly [Provider, string][] = [
  ['openai-chat', 'gpt-4o-mini'],
  ['openai-chat', 'openai/gpt-4.1'],
  ['ollama-chat', 'llama3.1:8b'],
  ['ollama-chat', 'hf/qwen3-coder:30b'],
  ['ollama-chat', 'gemma3'],
  ['ollama-chat', 'phi4-mini'],
  ['cohere-chat', 'command-a-03-2025'],
  ['bedrock-converse', 'us.amazon.nova-pro-v1:0'],
];
const REASONERS: readonly [Provider, string][] = [
  ['openai-chat', 'gpt-5'],
  ['openai-chat', 'o4-mini'],
  ['ollama-chat', 'qwen3:8b'],
  ['ollama-chat', 'gpt-oss'],
  ['ollama-chat', 'phi4-mini-reasoning'],
  ['cohere-chat', 'command-a-reasoning-08-2025'],
  ['bedrock-converse', 'us.amazon.nova-2-lite-v1:0'],
];
/** As Claude Code asks every model. */
const ADVICE = { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } };

describe('reasoning asked of a model that has none', () => {
  it.each(NO_REASONERS)('is left out and named for Anthropic’s clients, which ask every model: %s, %s', (dialect, model) => {
    for (const [request, name] of [
      [ADVICE, 'output_config.effort'],
      [{ thinking: { type: 'enabled', budget_tokens: 2_048 } }, 'thinking'],
    ] as const) {
      const exchange = open('anthropic-messages', dialect, model, request);
      expect(exchange.dropped).toEqual([name]);
      expect(Buffer.from(exchange.body).toString()).not.toMatch(/think|reason|effort/i);
    }
  });

  it('is left out and named for Gemini’s clients, as is the topK that they always send', () => {
    const body = {
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { topK: 64, thinkingConfig: { thinkingBudget: 8_192 } },
    };
    const exchange = open('gemini-generate', 'mistral-chat', 'mistral-large', body);
    expect(exchange.dropped).toContain('generationConfig.topK');
    const { dropped } = open('gemini-generate', 'ollama-chat', 'llama3.1', body);
    expect(dropped).toEqual(['generationConfig.thinkingConfig.thinkingBudget']);
  });

  it.each(NO_REASONERS.slice(2))('is refused by name for clients that ask on purpose: %s, %s', (dialect, model) => {
    expect(() => open('openai-chat', dialect, model, { reasoning_effort: 'high' })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'reasoning_effort' }),
    );
  });

  it.each(REASONERS)('reaches one that has: %s, %s', (dialect, model) => {
    const exchange = open('anthropic-messages', dialect, model, ADVICE);
    expect(exchange.dropped).toEqual([]);
    expect(Buffer.from(exchange.body).toString()).toMatch(/think|reason|effort/i);
  });
});
