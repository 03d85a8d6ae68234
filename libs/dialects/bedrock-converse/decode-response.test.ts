import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openConverse } from './test-exchange.ts';

const FIXTURE = readFileSync(new URL('answer-thinking-tools.json', import.meta.url));
const answer = (body: unknown) => openConverse({}).decodeAnswer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const message = (...content: object[]) => ({ output: { message: { role: 'assistant', content } }, stopReason: 'end_turn' });

describe('a Converse answer for a chat client', () => {
  it('has text, reasoning, calls, finish reason and usage', () => {
    const { body, usage, finishReason } = openConverse({}).decodeAnswer(FIXTURE);
    const text = Buffer.from(body).toString();
    expect(JSON.parse(text)).toMatchObject({
      id: 'chatcmpl-id',
      created: 7,
      model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: 'I look both up: Zürich und Genève 🌦.',
            reasoning_content: 'Two cities, two calls.',
            thinking_blocks: [
              { type: 'thinking', thinking: 'Two cities, two calls.', signature: 'c2lnbmF0dXJl' },
              { type: 'redacted_thinking', data: 'aGlkZGVu' },
            ],
            tool_calls: [
              { id: 'tooluse_A', function: { name: 'get_weather' } },
              { id: 'tooluse_B', function: { name: 'list_stations', arguments: '{}' } },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 1_112, completion_tokens: 89, total_tokens: 1_201, prompt_tokens_details: { cached_tokens: 1_000 } },
    });
    expect(text).toContain('12345678901234567890');
    expect(text).not.toContain('nova_grounding');
    expect(usage).toMatchObject({ cacheWriteTokens: 60, cacheWrite1hTokens: 40 });
    expect(finishReason).toBe('tool_calls');
  });

  it('of a forced schema is that JSON, and nothing a model said before it', () => {
    const toolUse = { toolUseId: 't', name: 'headrace_json_answer', input: { name: 'Ada' } };
    const { body, finishReason } = answer({ ...message({ text: 'Here it is:' }, { toolUse }), stopReason: 'tool_use' });
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({
      choices: [{ message: { content: '{"name":"Ada"}' }, finish_reason: 'stop' }],
    });
    expect(finishReason).toBe('stop');
  });

  it.each([
    ['no JSON', '<html>', 'upstream_invalid_response'],
    ['no object', '[]', 'upstream_invalid_response'],
    ['no content', { output: {} }, 'upstream_invalid_response'],
    ['malformed output', { ...message({ text: 'x' }), stopReason: 'malformed_model_output' }, 'upstream_invalid_response'],
  ])('with %s is refused', (_name, body, code) => {
    expect(() => answer(body)).toThrow(expect.objectContaining({ code }));
  });
});

describe('an error of Bedrock', () => {
  const errorOf = (status: number, body: unknown, type?: string) =>
    openConverse({}).decodeError(
      status,
      type === undefined ? {} : { 'x-amzn-errortype': type },
      Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    );

  it.each<[number, unknown, string | undefined, string]>([
    [
      429,
      { message: 'Too many requests, please wait before trying again.' },
      'ThrottlingException:http://internal.amazon.com/coral/',
      'upstream_rate_limited',
    ],
    [429, { message: 'Too many tokens, please wait before trying again.' }, 'ThrottlingException', 'upstream_rate_limited'],
    [429, { message: 'Too many tokens per day, please wait before trying again.' }, 'ThrottlingException', 'upstream_quota'],
    [429, { message: 'The model is not ready for inference.' }, 'ModelNotReadyException', 'upstream_overloaded'],
    [400, { message: 'Quota.' }, 'ServiceQuotaExceededException', 'upstream_quota'],
    [400, { message: 'Input is too long for requested model.' }, 'ValidationException', 'context_length_exceeded'],
    [400, { message: 'Malformed input request: #: extraneous key [x] is not permitted' }, 'ValidationException', 'upstream_bad_request'],
    [400, { message: 'The provided model identifier is invalid.' }, 'ValidationException', 'upstream_not_found'],
    [
      400,
      { message: "Invocation of model ID a.b with on-demand throughput isn't supported." },
      'ValidationException',
      'upstream_not_found',
    ],
    [
      403,
      { message: 'User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel' },
      'AccessDeniedException',
      'upstream_auth',
    ],
    [403, { Message: 'The security token included in the request is expired' }, 'ExpiredTokenException', 'upstream_auth'],
    [403, { message: 'The security token included in the request is invalid.' }, 'UnrecognizedClientException', 'upstream_auth'],
    [
      403,
      { message: 'The request signature we calculated does not match the signature you provided.' },
      'InvalidSignatureException',
      'upstream_auth',
    ],
    [404, { message: 'Could not resolve the foundation model' }, 'ResourceNotFoundException', 'upstream_not_found'],
    [408, { message: 'Model has timed out' }, 'ModelTimeoutException', 'upstream_timeout'],
    [424, { message: 'The system encountered an unexpected error', originalStatusCode: 500 }, 'ModelErrorException', 'upstream_error'],
    [500, { message: 'Internal' }, 'InternalServerException', 'upstream_error'],
    [503, { message: 'Unable to process your request' }, 'ServiceUnavailableException', 'upstream_overloaded'],
    [529, '', undefined, 'upstream_overloaded'],
    [400, { __type: 'com.amazon.coral.service#ThrottlingException', message: 'Rate exceeded' }, undefined, 'upstream_rate_limited'],
    [502, '<html>Bad gateway</html>', undefined, 'upstream_error'],
    [413, '', undefined, 'body_too_large'],
  ])('%i %j (%s) is %s', (status, body, type, code) => {
    expect(errorOf(status, body, type)).toMatchObject({ code, upstreamStatus: status });
  });

  it('shows the provider’s words where they concern the caller, and never the account’s', () => {
    expect(errorOf(400, { message: 'Bad field.' }, 'ValidationException').message).toBe('Bad field.');
    const denied = { message: 'User: arn:aws:iam::123456789012:user/x is not authorized' };
    expect(errorOf(403, denied, 'AccessDeniedException').message).not.toContain('123456789012');
  });
});
