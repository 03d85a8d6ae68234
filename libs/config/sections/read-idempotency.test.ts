import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';
import { ConfigError } from '../config-error.ts';
import { DEFAULT_IDEMPOTENCY } from './read-idempotency.ts';

function parse(headrace: string) {
  return parseConfig(`headrace: ${headrace}`, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
}

describe('headrace.idempotency', () => {
  test('keeps answers up to 5 MB for a day unless it says otherwise', () => {
    expect(parse('{}').idempotency).toEqual(DEFAULT_IDEMPOTENCY);
    expect(DEFAULT_IDEMPOTENCY).toMatchObject({ ttlMs: 86_400_000, maxAnswerBytes: 5_242_880, cancelOnDisconnect: false });
  });

  test('counts hours, megabytes and gigabytes', () => {
    expect(parse('{ idempotency: { ttl_hours: 2, max_answer_mb: 1, max_gb: 0.5, cancel_on_disconnect: true } }').idempotency).toEqual({
      ttlMs: 7_200_000,
      maxAnswerBytes: 1_048_576,
      maxBytes: 536_870_912,
      cancelOnDisconnect: true,
    });
  });

  test.each(['{ idempotency: { ttl_hour: 2 } }', '{ idempotency: { ttl_hours: 0 } }', '{ idempotency: 5 }'])('refuses %s', (text) => {
    expect(() => parse(text)).toThrow(ConfigError);
  });
});

describe('headrace.model_groups', () => {
  test('has its settings by the group’s name', () => {
    const { modelGroups } = parse('{ model_groups: { a: { single_flight: true }, b: {} } }');
    expect(modelGroups['a']?.singleFlight).toBe(true);
    expect(modelGroups['b']?.singleFlight).toBe(false);
    expect(modelGroups['constructor']).toBeUndefined();
  });

  test('refuses a setting that there is not', () => {
    expect(() => parse('{ model_groups: { a: { singleflight: true } } }')).toThrow('unknown key "singleflight"');
  });
});
