import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '#contracts';
import { encodeStreamError, validateClientRequest } from '../client-edge.ts';

const validate = (body: Record<string, unknown>): void => validateClientRequest('openai-responses', { model: 'm', input: 'x', ...body });

describe('a Responses request at the edge', () => {
  it.each([
    [{ model: '' }, 'model'],
    [{ input: undefined }, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: ['x'] }, 'input[0]'],
    [{ input: [{ content: 'x' }] }, 'input[0].role'],
    [{ input: [{ role: 'user' }] }, 'input[0].content'],
    [{ input: [{ type: 5 }] }, 'input[0].type'],
    [{ instructions: 5 }, 'instructions'],
    [{ previous_response_id: 5 }, 'previous_response_id'],
    [{ max_output_tokens: 0 }, 'max_output_tokens'],
    [{ temperature: 3 }, 'temperature'],
    [{ stream: 'yes' }, 'stream'],
    [{ store: 1 }, 'store'],
    [{ background: 'yes' }, 'background'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ text: { format: {} } }, 'text.format'],
  ])('%j is refused with the field’s name', (body, param) => {
    expect(() => validate(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });

  it('conversation is refused as unsupported', () => {
    const param = 'conversation';
    expect(() => validate({ [param]: true })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param, status: 400 }));
    expect(() => validate({ [param]: null })).not.toThrow();
  });

  it('passes what it does not know', () => {
    const unknown = { brand_new: {}, tools: [{ type: 'web_search' }], input: [{ type: 'brand_new_item' }], temperature: null };
    const withoutInput = [{ previous_response_id: 'resp_1' }, { prompt: { id: 'pmpt_1' } }].map((fields) => ({
      ...fields,
      input: undefined,
    }));
    for (const body of [unknown, ...withoutInput]) expect(() => validate(body)).not.toThrow();
  });
});

it('an error inside a stream makes the openai SDK throw it', async () => {
  const created = 'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"output":[]}}\n\n';
  const error = encodeStreamError('openai-responses', new GatewayError('upstream_truncated', 'cut'));
  const body = Buffer.concat([Buffer.from(created), error]);
  const answer = (): Promise<Response> => Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: answer });
  const stream = client.responses.stream({ model: 'm', input: 'x' });
  await expect(stream.finalResponse()).rejects.toMatchObject({
    code: 'upstream_truncated',
    message: expect.stringContaining('cut') as string,
  });
});
