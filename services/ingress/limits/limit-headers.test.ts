import { describe, expect, test } from 'vitest';
import type { AdmissionAnswer, KeyRecord, Refusal, Remaining } from '#contracts';
import { admittedHeaders, refusalHeaders } from './limit-headers.ts';

const NOW = 1_000_000;
type Admitted = Extract<AdmissionAnswer, { admitted: true }>;
const ticket = { job: 'j', heldUsd: '0', inputTokens: 1, outputTokens: 1 };
const admitted = (remaining: readonly Remaining[], keySpendUsd?: string): Admitted => ({
  job: 'j',
  admitted: true,
  ticket,
  remaining,
  keySpendUsd,
});
const key = (limits: KeyRecord['limits']): KeyRecord => ({ v: 1, hash: 'h', masked: 'sk-…abcd', models: [], blocked: false, limits });

describe('an admitted request', () => {
  test('is told of the limit that refuses first, under OpenAI’s names', () => {
    const headers = admittedHeaders(
      admitted([
        { kind: 'requests', scope: 'team', limit: '500', remaining: '3', resetsAt: NOW + 1_500 },
        { kind: 'requests', scope: 'key', limit: '60', remaining: '59', resetsAt: NOW + 60_000 },
        { kind: 'tokens', scope: 'key', limit: '1000', remaining: '900' },
        { kind: 'output_tokens', scope: 'key', limit: '100', remaining: '50', resetsAt: NOW - 5 },
      ]),
      undefined,
      'openai/gpt 4',
      NOW,
    );
    expect(headers).toEqual({
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '3',
      'x-ratelimit-reset-requests': '1.5s',
      'x-ratelimit-limit-tokens': '100',
      'x-ratelimit-remaining-tokens': '50',
      'x-ratelimit-reset-tokens': '0s',
      'x-litellm-key-remaining-requests-openai-gpt-4': '59',
      'x-litellm-key-remaining-tokens-openai-gpt-4': '900',
    });
  });

  test('is told of its key’s limits and spend under LiteLLM’s', () => {
    const limits = {
      rpm: 5,
      tpm: 6,
      budgets: [
        { id: 'd', limitUsd: '5', period: '1d' },
        { id: 'm', limitUsd: '100', period: '1mo' },
      ],
    };
    expect(admittedHeaders(admitted([], '4.5'), key(limits), 'm', NOW)).toEqual({
      'x-litellm-key-spend': '4.5',
      'x-litellm-key-max-budget': '100',
      'x-litellm-key-rpm-limit': '5',
      'x-litellm-key-tpm-limit': '6',
    });
  });

  test('without limits is told nothing', () => {
    expect(admittedHeaders(admitted([]), key(undefined), 'm', NOW)).toEqual({});
  });
});

test.each<[Refusal['kind'], object]>([
  ['requests', { rate_limit_type: 'requests', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2s' }],
  ['input_tokens', { rate_limit_type: 'input_tokens', 'x-ratelimit-remaining-tokens': '0' }],
  ['parallel', { rate_limit_type: 'max_parallel_requests' }],
  ['budget', { rate_limit_type: 'budget' }],
])('a refusal for %s says which kind it was and when it frees', (kind, expected) => {
  const headers = refusalHeaders({ kind, scope: 'key', id: 'h', limit: '60', used: '60', resetsAt: NOW + 2_000 }, NOW);
  expect(headers).toMatchObject({ ...expected, reset_at: '1970-01-01T00:16:42.000Z' });
});
