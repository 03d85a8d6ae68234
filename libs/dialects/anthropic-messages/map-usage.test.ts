import { describe, expect, it } from 'vitest';
import { mapUsage } from './map-usage.ts';

describe('usage as Anthropic states it', () => {
  it('becomes totals that include what was read from and written to the cache', () => {
    const cached = {
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
    };
    expect(mapUsage({ input_tokens: 5, output_tokens: 7, output_tokens_details: { thinking_tokens: 3 }, ...cached })).toMatchObject({
      inputTokens: 135,
      cacheReadTokens: 100,
      cacheWriteTokens: 20,
      cacheWrite1hTokens: 10,
      outputTokens: 7,
      reasoningTokens: 3,
    });
  });

  it('includes what compacting the conversation cost, and no other iteration twice', () => {
    const iterations = [
      { type: 'compaction', input_tokens: 1_000, cache_read_input_tokens: 200, output_tokens: 50 },
      { type: 'message', input_tokens: 5, output_tokens: 7 },
    ];
    expect(mapUsage({ input_tokens: 5, output_tokens: 7, iterations })).toMatchObject({
      inputTokens: 1_205,
      cacheReadTokens: 200,
      outputTokens: 57,
    });
  });

  it('has searches and the tier where they are priced apart', () => {
    expect(mapUsage({ server_tool_use: { web_search_requests: 2 }, service_tier: 'priority' })).toMatchObject({
      webSearches: 2,
      serviceTier: 'priority',
    });
    expect(mapUsage({ server_tool_use: { web_search_requests: 0 }, service_tier: 'standard' })).not.toHaveProperty('webSearches');
    expect(mapUsage({ service_tier: 'standard' })).not.toHaveProperty('serviceTier');
  });

  it('is zero for nulls and nonsense', () => {
    expect(mapUsage({ input_tokens: null, output_tokens: -1, cache_creation: 'x', iterations: [null, 5] })).toMatchObject({
      inputTokens: 0,
      outputTokens: 0,
      estimated: false,
    });
  });
});
