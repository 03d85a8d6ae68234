import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

const parse = (text: string) => parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });

describe('headrace.responses', () => {
  const DAY_MS = 86_400_000;

  test('bounds for how long and in how much space responses are kept', () => {
    const text = 'headrace:\n  responses:\n    ttl_days: 0.5\n    max_gb: 1\n';
    expect(parse(text).responses).toEqual({ ttlMs: DAY_MS / 2, maxBytes: 1024 ** 3 });
    expect(parse('model_list: []\n').responses).toEqual({ ttlMs: 30 * DAY_MS, maxBytes: 2 * 1024 ** 3 });
  });

  test('refuses what is no time and no space', () => {
    expect(() => parse('headrace:\n  responses:\n    ttl_days: 0\n')).toThrow(/number of days/);
    expect(() => parse('headrace:\n  responses:\n    max_gb: lots\n')).toThrow(/number of gigabytes/);
  });
});
