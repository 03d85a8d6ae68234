import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import { costInUsage } from './cost-in-usage.ts';
import { openFor, streamFrom } from './test-exchange.ts';
import type { ExchangeInput } from './exchange.ts';

const PROVIDER = [
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":"Say \\"usage\\""},"finish_reason":null}],"usage":null}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n',
  'data: [DONE]\n\n',
];
const REQUESTS: Readonly<Partial<Record<ClientDialect, object>>> = {
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { max_tokens: 5 },
  'openai-chat': { stream_options: { include_usage: true } },
};

/** $1 for a token that came out. */
function stream(clientDialect: ClientDialect, cost: (tokens: number) => string | undefined, change: Partial<ExchangeInput> = {}) {
  const exchange = openFor('openai-chat', { stream: true, ...REQUESTS[clientDialect] }, { clientDialect, stream: true, ...change });
  const priced = { ...exchange, openStream: () => costInUsage(exchange.openStream(), clientDialect, (usage) => cost(usage.outputTokens)) };
  return { plain: streamFrom(exchange, PROVIDER).text, priced: streamFrom(priced, PROVIDER) };
}

describe('the usage a stream ends with', () => {
  test.each<[ClientDialect, RegExp]>([
    ['openai-chat', /"usage":\{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0\.0000002\}/],
    ['openai-responses', /response\.completed[^\n]*"usage":\{[^\n]*"cost":0\.0000002\}/],
    ['anthropic-messages', /message_delta[^\n]*"usage":\{[^\n]*"cost":0\.0000002\}/],
  ])('has its cost in %s, and nothing else is changed', (dialect, written) => {
    const { plain, priced } = stream(dialect, (tokens) => (tokens === 2 ? '0.0000002' : undefined));
    expect(priced).toMatchObject({ error: undefined, done: true });
    expect(priced.text).toMatch(written);
    expect(priced.text.match(/"cost"/g)).toHaveLength(1);
    expect(priced.text.replace(/,"cost":0\.0000002/, '')).toBe(plain);
  });

  test('has none where nobody knows a price, and in formats without such a place', () => {
    const { plain, priced } = stream('openai-chat', () => undefined);
    expect(priced.text).toBe(plain);
    const decoder = openFor('openai-chat', { stream: true }, { stream: true }).openStream();
    expect(costInUsage(decoder, 'gemini-generate', () => '1')).toBe(decoder);
  });
});
