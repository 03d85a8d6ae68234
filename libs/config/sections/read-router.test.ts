import { describe, expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';

function routerOf(settings: string) {
  const text = `model_list: [{model_name: m, litellm_params: {model: openai/x}}]\n${settings}`;
  return parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) }).router;
}

describe('fallbacks', () => {
  test.each([
    ['a list of one-key mappings', '[{a: [b, c]}, {"*": [d]}]', { a: ['b', 'c'], '*': ['d'] }],
    ['one mapping', '{a: [b], c: [d]}', { a: ['b'], c: ['d'] }],
    ['a single name', '[{a: b}]', { a: ['b'] }],
    ['a model twice: the first list counts', '[{a: [b]}, {a: [c]}]', { a: ['b'] }],
    ['nothing', '', {}],
  ])('%s', (_name, written, expected) => {
    expect({ ...routerOf(`router_settings:\n  fallbacks: ${written}`).fallbacks }).toEqual(expected);
  });

  test('those of router_settings win over those of litellm_settings', () => {
    const { fallbacks, defaultFallbacks } = routerOf(
      'router_settings: {fallbacks: [{a: [b]}]}\nlitellm_settings: {fallbacks: [{c: [d]}], default_fallbacks: [e]}',
    );
    expect({ ...fallbacks }).toEqual({ a: ['b'] });
    expect(defaultFallbacks).toEqual(['e']);
  });
});

describe('times', () => {
  test.each([
    ['router_settings: {timeout: 1.5, stream_timeout: "3"}', { timeoutMs: 1_500, streamTimeoutMs: 3_000 }],
    ['litellm_settings: {request_timeout: 10}', { timeoutMs: 10_000 }],
    ['router_settings: {timeout: 20}\nlitellm_settings: {request_timeout: 10}', { timeoutMs: 20_000 }],
    ['router_settings: {timeout: 0}', { timeoutMs: 600_000 }],
    ['router_settings: {retry_after: 5}', { retryAfterMs: 5_000 }],
  ])('%s is in seconds', (settings, expected) => {
    expect(routerOf(settings)).toMatchObject(expected);
  });
});
