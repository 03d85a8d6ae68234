import { describe, expect, test } from 'vitest';
import { builtinConfig } from '#config';
import { streamFailurePolicy, type PolicyInput } from './stream-failure-policy.ts';

const base = builtinConfig();
const input = (change: Partial<PolicyInput> = {}): PolicyInput => ({
  dialect: 'openai-chat',
  stream: true,
  headers: {},
  fields: {},
  keyPolicy: undefined,
  modelGroup: 'agent',
  ...change,
});
const config = {
  ...base,
  modelGroups: { agent: { singleFlight: false, streamOnFailure: 'buffer' as const } },
};

describe('what is done about a failed stream', () => {
  test('is an error event unless somebody said otherwise', () => {
    expect(streamFailurePolicy(input(), base)).toBeUndefined();
  });

  test.each([
    [
      'the header',
      { headers: { 'x-headrace-stream-on-failure': 'continue' }, fields: { headrace_stream_on_failure: 'restart' }, keyPolicy: 'restart' },
      'continue',
    ],
    ['the field', { fields: { headrace_stream_on_failure: 'restart' }, keyPolicy: 'continue' }, 'restart'],
    ['the key', { keyPolicy: 'continue' }, 'continue'],
    ['the model group', {}, 'buffer'],
  ])('goes by %s before all that is less close to the request', (_who, change, policy) => {
    expect(streamFailurePolicy(input(change), config)).toBe(policy);
  });

  test('a request can ask for errors where its model group would buffer', () => {
    expect(streamFailurePolicy(input({ fields: { headrace_stream_on_failure: 'error' } }), config)).toBeUndefined();
  });

  test('is nothing for answers in one piece and for what is no conversation', () => {
    expect(streamFailurePolicy(input({ stream: false }), config)).toBeUndefined();
    expect(streamFailurePolicy(input({ dialect: 'openai-speech' }), config)).toBeUndefined();
  });

  test('that nobody knows is refused by the name of its field', () => {
    expect(() => streamFailurePolicy(input({ fields: { headrace_stream_on_failure: 'go on' } }), config)).toThrow('must be one of');
  });
});
