import { expect, test } from 'vitest';
import { tokenEstimate } from './token-estimate.ts';

const body = (fields: object, text = 'x'.repeat(400)) => Buffer.from(JSON.stringify({ messages: [{ content: text }], ...fields }));

test('a call is taken for its input and the most it may put out, wherever in the body that stands', () => {
  const { of } = tokenEstimate();
  expect(of(body({ max_tokens: 1_000 }))).toBeGreaterThan(1_100);
  expect(of(body({ max_completion_tokens: 1_000 }))).toBeLessThan(1_150);
  expect(of(body({ max_tokens: 50 }, 'x'.repeat(40_000)))).toBeLessThan(10_100);
});

test('without a limit of its own it is taken for what answers came to', () => {
  const estimate = tokenEstimate();
  const first = estimate.of(body({}));
  for (let answer = 0; answer < 100; answer++) estimate.learn(20);
  expect(estimate.of(body({}))).toBeLessThan(first - 200);
});
