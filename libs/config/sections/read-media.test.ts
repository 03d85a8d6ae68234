import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

const parse = (text: string) => parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });

describe('headrace.media', () => {
  test('bounds what is fetched for a request, and names hosts that may be private', () => {
    const text = 'headrace:\n  media:\n    allow_private_hosts: [pictures.internal]\n    max_mb: 2\n    timeout_s: 3\n';
    expect(parse(text).media).toEqual({ allowedPrivateHosts: ['pictures.internal'], maxBytes: 2 * 1024 * 1024, timeoutMs: 3_000 });
  });

  test('has defaults that let nothing private through', () => {
    expect(parse('model_list: []\n').media).toEqual({ allowedPrivateHosts: [], maxBytes: 20 * 1024 * 1024, timeoutMs: 10_000 });
  });

  test('refuses keys it does not know', () => {
    expect(() => parse('headrace:\n  media:\n    max_mbs: 2\n')).toThrow(/unknown key "max_mbs"/);
  });
});
