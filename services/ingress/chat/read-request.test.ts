import { describe, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import { readRequest } from './read-request.ts';

const good = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const read = (body: unknown, pathModel?: string) => readRequest(body, 'openai-chat', { model: pathModel });
const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function refusal(body: unknown): GatewayError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('read');
}

describe('a request body', () => {
  test('is kept as the bytes the client sent', () => {
    const body = Buffer.from('{ "model" : "m", "messages":[{"role":"user","content":"hi"}],  "unknown": 1.10 }');
    expect(read(body).body).toBe(body);
  });

  test.each([
    [{ stream: true }, true],
    [{ stream: false }, false],
    [{ stream: null }, false],
    [{}, false],
  ])('with %j streams: %j', (change, stream) => {
    expect(read(bytes({ ...good, ...change })).stream).toBe(stream);
  });

  test('takes its model from the path where the path names one', () => {
    expect(read(bytes({ messages: good.messages }), 'gpt-4o').model).toBe('gpt-4o');
    expect(read(bytes(good), 'gpt-4o').model).toBe('gpt-4o');
  });

  test.each<[string, unknown, string, string | undefined]>([
    ['no bytes', Buffer.alloc(0), 'invalid_json', undefined],
    ['no body', undefined, 'invalid_json', undefined],
    ['text that is no JSON', bytes('hello'), 'invalid_json', undefined],
    ['a form', bytes('model=m&messages=x'), 'invalid_json', undefined],
    ['JSON cut short', bytes('{"model":"m","messages":['), 'invalid_json', undefined],
    ['something behind the JSON', bytes(`${JSON.stringify(good)}x`), 'invalid_json', undefined],
    ['a byte order mark', bytes(`\uFEFF${JSON.stringify(good)}`), 'invalid_json', undefined],
    ['a list', bytes([good]), 'invalid_json', undefined],
    ['null', bytes('null'), 'invalid_json', undefined],
    ['a number', bytes('7'), 'invalid_json', undefined],
    ['a text', bytes('"hello"'), 'invalid_json', undefined],
    ['no model', bytes({ messages: good.messages }), 'invalid_request', 'model'],
    ['a model that is a number', bytes({ ...good, model: 4 }), 'invalid_request', 'model'],
    ['an empty model', bytes({ ...good, model: '' }), 'invalid_request', 'model'],
    ['no messages', bytes({ model: 'm' }), 'invalid_request', 'messages'],
    ['empty messages', bytes({ ...good, messages: [] }), 'invalid_request', 'messages'],
    ['messages as text', bytes({ ...good, messages: 'hi' }), 'invalid_request', 'messages'],
    ['a message without a role', bytes({ ...good, messages: [{ content: 'hi' }] }), 'invalid_request', 'messages[0].role'],
    ['negative max_tokens', bytes({ ...good, max_tokens: -1 }), 'invalid_request', 'max_tokens'],
    ['a huge n', bytes({ ...good, n: 1e9 }), 'invalid_request', 'n'],
    ['stream as text', bytes({ ...good, stream: 'true' }), 'invalid_request', 'stream'],
  ])('of %s is a clear 400', (_what, body, code, param) => {
    const error = refusal(body);
    expect(error).toMatchObject({ code, status: 400 });
    if (param !== undefined) expect(error.param).toBe(param);
  });

  test('that is no JSON is told where, without quoting the prompt', () => {
    expect(refusal(bytes('{"messages":"my secret prompt" oops}')).message).toMatch(/not valid JSON/);
    expect(refusal(bytes('{"messages":"my secret prompt" oops}')).message).not.toContain('secret');
  });

  test('nested as deep as a body can be is refused or read, never a crash', () => {
    const deep = `{"model":"m","messages":[{"role":"user","content":"x"}],"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
    expect(() => read(bytes(deep))).not.toThrow(RangeError);
  });
});
