import { expect, it } from 'vitest';
import { mapUsage, usageOfAnswer } from './map-usage.ts';

it.each([
  [
    'OpenAI',
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 80, audio_tokens: 5, cache_write_tokens: 7 },
      completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 6 },
    },
    {
      inputTokens: 100,
      cacheReadTokens: 80,
      cacheWriteTokens: 7,
      outputTokens: 50,
      reasoningTokens: 30,
      inputAudioTokens: 5,
      outputAudioTokens: 6,
    },
  ],
  [
    'a host that counts reasoning beside the completion',
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 45, completion_tokens_details: { reasoning_tokens: 30 } },
    { inputTokens: 10, outputTokens: 35, reasoningTokens: 30 },
  ],
  [
    'a host that counts cached tokens beside the prompt',
    { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 90 } },
    { inputTokens: 100, cacheReadTokens: 90 },
  ],
  ['DeepSeek', { prompt_tokens: 10, prompt_cache_hit_tokens: 8, completion_tokens: 1 }, { inputTokens: 10, cacheReadTokens: 8 }],
  ['Moonshot', { prompt_tokens: 10, cached_tokens: 8 }, { inputTokens: 10, cacheReadTokens: 8 }],
  ['Mistral', { prompt_tokens: 10, num_cached_tokens: 8 }, { inputTokens: 10, cacheReadTokens: 8 }],
  [
    'Perplexity, whose cited tokens and reasoning are beside the totals',
    {
      prompt_tokens: 33,
      completion_tokens: 7_163,
      total_tokens: 7_196,
      citation_tokens: 19_028,
      num_search_queries: 18,
      reasoning_tokens: 500,
    },
    { inputTokens: 33 + 19_028, outputTokens: 7_163 + 500, reasoningTokens: 500, webSearches: 18 },
  ],
  [
    'SGLang, whose reasoning is in the total',
    { prompt_tokens: 3, completion_tokens: 9, reasoning_tokens: 4 },
    { outputTokens: 9, reasoningTokens: 4 },
  ],
  [
    'a model that reads and makes pictures',
    { prompt_tokens: 9, prompt_tokens_details: { image_tokens: 5 }, completion_tokens_details: { image_tokens: 4 }, completion_tokens: 4 },
    { inputImageTokens: 5, outputImageTokens: 4 },
  ],
  ['nonsense', { prompt_tokens: -1, completion_tokens: 'x', total_tokens: null }, { inputTokens: 0, outputTokens: 0 }],
])('reads the usage of %s', (_host, usage, expected) => {
  expect(mapUsage(usage)).toMatchObject(expected);
});

it('says which service tier was used where it changes the price', () => {
  const usage = { prompt_tokens: 1 };
  expect(usageOfAnswer({ usage, service_tier: 'flex' })?.serviceTier).toBe('flex');
  expect(usageOfAnswer({ usage, service_tier: 'default' })).not.toHaveProperty('serviceTier');
  expect(usageOfAnswer({ x_groq: { usage }, service_tier: null })?.inputTokens).toBe(1);
});

it('is undefined when nothing is stated', () => {
  expect(mapUsage(null)).toBeUndefined();
  expect(mapUsage(undefined)).toBeUndefined();
});

it.each([
  ['a number, as OpenRouter states it', { cost: 0.95 }, '0.95'],
  [
    'with the upstream provider’s bill, where the key is the user’s own',
    { cost: 0.05, is_byok: true, cost_details: { upstream_inference_cost: 0.1 } },
    '0.15',
  ],
  ['without it where it is part of the number', { cost: 0.95, is_byok: false, cost_details: { upstream_inference_cost: 0.9 } }, '0.95'],
  ['in parts, as Perplexity states it', { cost: { input_tokens_cost: 0.001, request_cost: 0.005, total_cost: 0.006 } }, '0.006'],
  ['nothing', {}, undefined],
  ['nonsense', { cost: -1 }, undefined],
  ['a word', { cost: 'free' }, undefined],
])('what a host says the call cost is read: %s', (_name, fields, statedCostUsd) => {
  expect(mapUsage({ prompt_tokens: 1, completion_tokens: 1, ...fields })?.statedCostUsd).toBe(statedCostUsd);
});
