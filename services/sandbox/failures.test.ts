import { expect, test } from 'vitest';
import type { Failure } from './instructions.ts';
import { eventsOf, startTestSandbox, textOf, told } from './test-sandbox.ts';

const TEN = 't0 t1 t2 t3 t4 t5 t6 t7 t8 t9';

async function fail(failure: Failure, stream: boolean) {
  const sandbox = await startTestSandbox();
  return sandbox.raw(told({ tokens: 10, numbered: true, fail: failure }, { stream })).ended;
}

test.each([
  ['reset', 'ECONNRESET'],
  ['close', 'ECONNRESET'], // Node's word for a connection that ends before the answer
] as const)('%s before the head: no answer at all', async (kind, end) => {
  for (const stream of [true, false]) expect(await fail({ kind }, stream)).toMatchObject({ status: undefined, text: '', end });
});

test.each(['reset', 'close'] as const)('%s after the head, after 3 tokens, after the last', async (kind) => {
  const atOnce = await fail({ kind, after_tokens: 0 }, true);
  expect(atOnce).toMatchObject({ status: 200, text: '' });
  const inside = await fail({ kind, after_tokens: 3 }, true);
  expect(textOf(inside.text)).toBe('t0 t1 t2');
  const late = await fail({ kind, after_tokens: 99 }, true);
  expect(textOf(late.text)).toBe(TEN);
  for (const answer of [atOnce, inside, late]) {
    expect(answer.text).not.toContain('"finish_reason":"');
    expect(answer.text).not.toContain('[DONE]');
    expect(answer.end).not.toBe('end');
  }
});

test('a JSON answer is cut at the token, never whole', async () => {
  for (const after_tokens of [0, 5, 99]) {
    const answer = await fail({ kind: 'close', after_tokens }, false);
    expect(answer).toMatchObject({ status: 200, end: 'ECONNRESET' });
    expect(() => void JSON.parse(answer.text)).toThrow(SyntaxError);
  }
});

test('a long stream reaches the reader up to the token it is cut at', async () => {
  const sandbox = await startTestSandbox();
  const fails = { kind: 'reset', after_tokens: 5_000 } as const;
  const { text, end } = await sandbox.raw(told({ tokens: 9_000, numbered: true, fail: fails }, { stream: true })).ended;
  expect(textOf(text).endsWith(' t4999')).toBe(true);
  expect(end).toBe('ECONNRESET');
});

test('a stall sends nothing more and keeps the connection', async () => {
  const sandbox = await startTestSandbox();
  const call = sandbox.raw(told({ tokens: 10, numbered: true, fail: { kind: 'stall', after_tokens: 2 } }, { stream: true }));
  await call.seen('t1');
  expect(sandbox.meter.read().inFlight).toBe(1);
  call.abort();
  expect(textOf((await call.ended).text)).toBe('t0 t1');
});

test('the hang model accepts and never answers', async () => {
  const sandbox = await startTestSandbox();
  const call = sandbox.raw({ model: 'hang' });
  await expect.poll(() => sandbox.meter.read().inFlight).toBe(1);
  call.abort();
  expect(await call.ended).toMatchObject({ status: undefined });
  await expect.poll(() => sandbox.meter.read()).toMatchObject({ inFlight: 0, aborted: 1, promptTokens: 0 });
});

test.each([true, false])('html is a page, whatever was asked for (stream: %s)', async (stream) => {
  const answer = await fail({ kind: 'html' }, stream);
  expect(answer).toMatchObject({ status: 200, contentType: 'text/html', end: 'end' });
  expect(answer.text).toContain('<html>');
});

test.each([true, false])('bad JSON in a complete answer (stream: %s)', async (stream) => {
  const { text, end } = await fail({ kind: 'bad-json', after_tokens: 2 }, stream);
  expect(end).toBe('end');
  const last = stream ? (eventsOf(text).at(-1) ?? '') : text;
  expect(() => void JSON.parse(last)).toThrow(SyntaxError);
});

test.each([true, false])('an error after a 200 (stream: %s)', async (stream) => {
  const { status, text, end } = await fail({ kind: 'error-event', after_tokens: 2 }, stream);
  const last = stream ? (eventsOf(text).at(-1) ?? '') : text;
  expect({ status, end, error: JSON.parse(last) }).toMatchObject({ status: 200, end: 'end', error: { error: { type: 'server_error' } } });
});

test('no-finish is a clean end of HTTP without the ends of the stream', async () => {
  const { text, end } = await fail({ kind: 'no-finish' }, true);
  expect(textOf(text)).toBe(TEN);
  expect({ end, finished: /"finish_reason":"|\[DONE\]/.test(text) }).toEqual({ end: 'end', finished: false });
  const json = await fail({ kind: 'no-finish' }, false);
  expect(JSON.parse(json.text)).toMatchObject({ choices: [{ finish_reason: null }] });
});

test('no-done lacks only [DONE]', async () => {
  const { text, end } = await fail({ kind: 'no-done' }, true);
  expect({ end, text: textOf(text) }).toEqual({ end: 'end', text: TEN });
  expect(text).toContain('"finish_reason":"stop"');
  expect(text).not.toContain('[DONE]');
});

test('garbage-sse ends a stream with bytes that are none', async () => {
  const { text, end } = await fail({ kind: 'garbage-sse', after_tokens: 1 }, true);
  expect(end).toBe('end');
  expect(text).toContain('this is no event stream');
});

test('wrong-content-type is the right answer under the wrong name', async () => {
  const { text, contentType } = await fail({ kind: 'wrong-content-type' }, true);
  expect({ text: textOf(text), contentType }).toEqual({ text: TEN, contentType: 'text/plain; charset=utf-8' });
});

test('truncate-N dies after N tokens', async () => {
  const sandbox = await startTestSandbox();
  const { text, end } = await sandbox.raw({ model: 'truncate-50', stream: true }).ended;
  expect(textOf(text).split(' ')).toHaveLength(50);
  expect(end).not.toBe('end');
});

test.each([
  ['error-401', 401, 'invalid_request_error', 'invalid_api_key'],
  ['error-429', 429, 'requests', 'rate_limit_exceeded'],
  ['error-500', 500, 'server_error', null],
  ['error-529', 529, 'overloaded_error', null],
])('%s answers %i in the shape of OpenAI', async (model, status, type, code) => {
  const sandbox = await startTestSandbox();
  const answer = await sandbox.chat({ model });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { type, code, param: null } });
});

test('an error is as told: type, code, message, retry-after', async () => {
  const sandbox = await startTestSandbox();
  const told429 = { status: 429, retry_after: 7, error_type: 'tokens', error_code: 'insufficient_quota', error_message: 'used up' };
  const answer = await sandbox.chat(told(told429));
  expect(answer.headers.get('retry-after')).toBe('7');
  expect(await answer.json()).toEqual({ error: { message: 'used up', type: 'tokens', param: null, code: 'insufficient_quota' } });
});
