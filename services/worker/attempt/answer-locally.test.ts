import { expect, test } from 'vitest';
import { GatewayError, NO_USAGE } from '#contracts';
import { answerLocally } from './answer-locally.ts';

let clock = 0;
const now = (): number => (clock += 5);

test('an answer made here is a success that cost nothing', async () => {
  const body = Buffer.from('{"input_tokens":7}');
  const outcome = await answerLocally(() => Promise.resolve({ body, usage: undefined, finishReason: undefined }), { now });
  expect(outcome).toMatchObject({ status: 'success', answerStatus: 200, relayed: false, body, usage: NO_USAGE, unstatedText: undefined });
  expect(outcome.endedAt).toBeGreaterThan(outcome.startedAt);
});

test.each([
  ['an error of ours', new GatewayError('invalid_request', 'bad field'), 'invalid_request'],
  ['a programmer’s error', new TypeError('x is not a function'), 'internal_error'],
])('%s is an outcome, never a throw', async (_what, error, code) => {
  const outcome = await answerLocally(() => Promise.reject(error), { now });
  expect(outcome).toMatchObject({ status: 'failure', usage: undefined, unstatedText: undefined });
  expect(outcome.error?.code).toBe(code);
});
