import { expect, it } from 'vitest';
import { mapUsage } from './map-usage.ts';

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
  ['nonsense', { prompt_tokens: -1, completion_tokens: 'x', total_tokens: null }, { inputTokens: 0, outputTokens: 0 }],
])('reads the usage of %s', (_host, usage, expected) => {
  expect(mapUsage(usage)).toMatchObject(expected);
});

it('is undefined when nothing is stated', () => {
  expect(mapUsage(null)).toBeUndefined();
  expect(mapUsage(undefined)).toBeUndefined();
});
