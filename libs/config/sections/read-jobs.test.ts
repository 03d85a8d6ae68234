import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';
import { DEFAULT_JOBS } from './read-jobs.ts';

describe('headrace.jobs', () => {
  const parse = (text: string) => parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) }).jobs;

  test('bounds for how long and in how much space answers are kept, and says who may pick them up', () => {
    const text = 'headrace:\n  jobs:\n    ttl_days: 1\n    max_gb: 2\n    resumable: true\n';
    expect(parse(text)).toEqual({ ttlMs: 86_400_000, maxBytes: 2 * 1024 ** 3, resumable: true });
    expect(parse('model_list: []\n')).toEqual(DEFAULT_JOBS);
  });

  test.each([
    ['ttl_days: 0', /number of days/],
    ['max_gb: lots', /number of gigabytes/],
  ])('%s is refused', (line, message) => {
    expect(() => parse(`headrace:\n  jobs:\n    ${line}\n`)).toThrow(message);
  });
});
