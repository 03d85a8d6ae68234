import OpenAI, { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '#contracts';
import { encodeClientError, encodeStreamError } from '../client-edge.ts';

const ERROR = new GatewayError('upstream_rate_limited', 'Slow down.', { retryAfterMs: 1_200, param: 'model' });

function clientOf(body: Uint8Array, init: ResponseInit): OpenAI {
  const answer = (): Promise<Response> => Promise.resolve(new Response(Buffer.from(body), init));
  return new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: answer });
}

describe('an error for a chat client', () => {
  it('has the shape of OpenAI, our code, and the wait in whole seconds rounded up', () => {
    const { status, headers, body } = encodeClientError('openai-chat', ERROR);
    expect({ status, headers }).toEqual({ status: 429, headers: { 'content-type': 'application/json', 'retry-after': '2' } });
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      error: { message: 'Slow down.', type: 'upstream_rate_limited', param: 'model', code: 'upstream_rate_limited' },
    });
  });

  it("is the openai SDK's error class of that status", async () => {
    const { status, headers, body } = encodeClientError('openai-chat', ERROR);
    const call = clientOf(body, { status, headers }).chat.completions.create({ model: 'm', messages: [] });
    await expect(call).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(call).rejects.toMatchObject({ code: 'upstream_rate_limited', param: 'model' });
  });

  it('in a stream makes the openai SDK throw after the chunks before it (P2)', async () => {
    const chunk = 'data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n';
    const body = Buffer.concat([Buffer.from(chunk), encodeStreamError('openai-chat', ERROR)]);
    const client = clientOf(body, { status: 200, headers: { 'content-type': 'text/event-stream' } });
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
    let text = '';
    const read = async (): Promise<void> => {
      for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
    };
    await expect(read()).rejects.toThrow(APIError);
    expect(text).toBe('half');
  });
});
