import { expect, test } from 'vitest';
import { parseConfig } from '../parse-config.ts';
import { isHedgingConfigured } from './read-hedging.ts';

const parse = (headrace: string) => parseConfig(`headrace: ${headrace}`, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });

test.each<[string, object | undefined]>([
  ['{}', undefined],
  ['{ hedging: {} }', { enabled: false, delayMs: undefined, percentile: 'p95', maxShare: 0.05 }],
  ['{ hedging: { enabled: true, delay_ms: 800 } }', { enabled: true, delayMs: 800, percentile: undefined, maxShare: 0.05 }],
  ['{ hedging: { percentile: p99, delay_ms: 800, max_share: 3 } }', { enabled: false, delayMs: 800, percentile: 'p99', maxShare: 1 }],
])('%s is read', (headrace, expected) => expect(parse(headrace).hedging).toEqual(expected));

test('a percentile that is none is an error with the one that was meant', () => {
  expect(() => parse('{ hedging: { percentile: p59 } }')).toThrow('called "p59"');
});

test.each<[string, boolean]>([
  ['{}', false],
  ['{ hedging: {} }', true],
  ['{ model_groups: { m: { hedge: true } } }', true],
  ['{ model_groups: { m: { hedge: false } } }', false],
])('workers measure with %s: %s', (headrace, expected) => expect(isHedgingConfigured(parse(headrace))).toBe(expected));
