import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { base, thrown } from '../support/anthropic-client.ts';
import { createKey } from '../support/books.ts';

let headrace: RunningHeadrace;
let key: string;
let client: Anthropic;

beforeAll(async () => {
  headrace = await startHeadrace();
  key = await createKey(headrace);
  client = new Anthropic({ baseURL: headrace.url, apiKey: key, maxRetries: 0 });
});
afterAll(() => headrace.stop());

describe('errors of the gateway have Anthropic’s shape', () => {
  test('a wrong key: AuthenticationError', async () => {
    const error = await thrown(
      new Anthropic({ baseURL: headrace.url, apiKey: 'sk-not-known', maxRetries: 0 }).messages.create(base('sandbox/echo')),
    );
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(error).toMatchObject({ status: 401, error: { type: 'error', error: { type: 'authentication_error' } } });
    expect(error.requestID).toBeTruthy();
  });

  test('a key as bearer is a key too', async () => {
    const bearer = new Anthropic({ baseURL: `${headrace.url}/anthropic`, authToken: key, apiKey: null, maxRetries: 0 });
    expect(await bearer.messages.create(base('sandbox/instant'))).toMatchObject({ content: [{ text: 'ok' }] });
  });

  test.each([
    [{ model: 'gpt-none' }, 404, 'not_found_error', 'model_not_found'],
    [{ messages: [] }, 400, 'invalid_request_error', 'invalid_request'],
    [{ max_tokens: 'many' }, 400, 'invalid_request_error', 'invalid_request'],
    [{ mcp_servers: [{ type: 'url', url: 'https://x.test', name: 'x' }] }, 400, 'invalid_request_error', 'unsupported_parameter'],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'none' }] }] },
      400,
      'invalid_request_error',
      'invalid_request',
    ],
    [{ model: 'sandbox/error-503' }, 503, 'overloaded_error', 'upstream_overloaded'],
  ])('%j', async (fields, status, type, code) => {
    const error = await thrown(client.messages.create(base('sandbox/echo', fields)));
    expect(error).toMatchObject({ status, type, errorCode: code });
  });

  test('an address that there is not, and a method', async () => {
    for (const [method, path, status] of [
      ['POST', '/v1/messages/unknown', 404],
      ['GET', '/v1/messages', 405],
    ] as const) {
      const response = await fetch(headrace.url + path, { method, headers: { 'x-api-key': key } });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ type: 'error', error: { message: expect.any(String) } });
    }
  });

  test('in the middle of a stream: an error event, which the SDK throws', async () => {
    const stream = client.messages.stream(base('sandbox/truncate-50'));
    let text = '';
    stream.on('text', (piece) => (text += piece));
    expect((await thrown(stream.finalMessage())).errorCode).toBe('upstream_truncated');
    expect(text).not.toBe('');
  });
});
