import { expect, it, test } from 'vitest';
import { openExchange } from '../../open-exchange.ts';
import { bytesOf, jsonInput, parsed } from '../test-input.ts';

const open = () => openExchange(jsonInput('openai-moderations', 'openai-chat', { input: ['a'] }));

it('a moderation names the deployment’s model, where the client named none too', () => {
  expect([open().path, parsed(open().body)]).toEqual(['/moderations', { input: ['a'], model: 'upstream-model' }]);
});

it('a moderation costs nothing unless its host states tokens', () => {
  expect(open().decodeAnswer(bytesOf({ results: [] })).usage).toMatchObject({ inputTokens: 0, estimated: false });
  expect(open().decodeAnswer(bytesOf({ results: [], usage: { prompt_tokens: 7 } })).usage).toMatchObject({ inputTokens: 7 });
});

test.each([
  [{ error: { message: 'x', code: 429 } }, 'upstream_rate_limited'],
  [{}, 'upstream_invalid_response'],
])('%j fails with %s', (answer, code) => {
  expect(() => open().decodeAnswer(bytesOf(answer))).toThrow(expect.objectContaining({ code }));
});
