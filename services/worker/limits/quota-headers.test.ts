import { describe, expect, test } from 'vitest';
import { quotaPauseMs } from './quota-headers.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const openai = (remaining: string, reset: string, limit = '1000') => ({
  'x-ratelimit-limit-requests': limit,
  'x-ratelimit-remaining-requests': remaining,
  'x-ratelimit-reset-requests': reset,
});

describe('a provider’s word on its quota', () => {
  test.each([
    ['nothing left', openai('0', '6m0s'), 60_000],
    ['nothing left for a moment', openai('0', '20ms'), 20],
    ['nothing left, in seconds', openai('0', '1.5'), 1_500],
    ['nothing left, in parts', openai('0', '1m2s'), 60_000],
    ['little left is spread until the reset', openai('9', '10s'), 1_000],
    ['enough left', openai('100', '10s'), 0],
    ['no limit to compare with', { ...openai('9', '10s'), 'x-ratelimit-limit-requests': '' }, 0],
    ['units nobody knows', openai('0', 'soon'), 0],
    [
      'a reset that is over',
      { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-22T11:59:00Z' },
      0,
    ],
    [
      'Anthropic’s own',
      { 'anthropic-ratelimit-input-tokens-remaining': '0', 'anthropic-ratelimit-input-tokens-reset': '2026-11-22T12:00:07Z' },
      7_000,
    ],
    ['none at all', {}, 0],
  ])('%s', (_what, headers, expected) => {
    expect(quotaPauseMs(headers as unknown as Record<string, string>, NOW)).toBe(expected);
  });
});
