import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, GatewayError } from '#contracts';
import { encodeError, encodeStreamError } from './encode-error.ts';

const ANTHROPIC_TYPES = [
  'invalid_request_error',
  'authentication_error',
  'billing_error',
  'permission_error',
  'not_found_error',
  'request_too_large',
  'rate_limit_error',
  'api_error',
  'timeout_error',
  'overloaded_error',
];

const typeOf = (code: ErrorCode): unknown => {
  const { body } = encodeError(new GatewayError(code, 'why'));
  return (JSON.parse(Buffer.from(body).toString()) as { error: { type: string } }).error.type;
};

describe('an error for a Messages client', () => {
  it('has one of Anthropic’s types, whatever our code', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) expect(ANTHROPIC_TYPES).toContain(typeOf(code));
  });

  it.each<[ErrorCode, string]>([
    ['missing_key', 'authentication_error'],
    ['key_blocked', 'authentication_error'],
    ['model_access_denied', 'permission_error'],
    ['budget_exceeded', 'billing_error'],
    ['rate_limit_exceeded', 'rate_limit_error'],
    ['upstream_rate_limited', 'rate_limit_error'],
    ['model_not_found', 'not_found_error'],
    ['context_length_exceeded', 'invalid_request_error'],
    ['unsupported_parameter', 'invalid_request_error'],
    ['body_too_large', 'request_too_large'],
    ['upstream_overloaded', 'overloaded_error'],
    ['no_healthy_deployment', 'overloaded_error'],
    ['queue_timeout', 'timeout_error'],
    ['upstream_error', 'api_error'],
    ['upstream_auth', 'api_error'],
  ])('%s is a %s', (code, type) => {
    expect(typeOf(code)).toBe(type);
  });

  it('keeps our status, wait, code and field', () => {
    const error = new GatewayError('rate_limit_exceeded', 'slow', { retryAfterMs: 1_500, param: 'x' });
    const { status, headers, body } = encodeError(error);
    expect({ status, headers }).toEqual({ status: 429, headers: { 'content-type': 'application/json', 'retry-after': '2' } });
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      type: 'error',
      error: { type: 'rate_limit_error', message: 'slow', details: { error_code: 'rate_limit_exceeded', param: 'x' } },
    });
  });

  it('in a stream is an event that the SDK throws', async () => {
    const body = encodeStreamError(new GatewayError('upstream_truncated', 'cut'));
    expect(Buffer.from(body).toString()).toMatch(/^event: error\ndata: \{"type":"error".*\}\n\n$/);
    const answer = (): Promise<Response> =>
      Promise.resolve(new Response(Buffer.from(body), { headers: { 'content-type': 'text/event-stream' } }));
    const client = new Anthropic({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1', maxRetries: 0, fetch: answer });
    const stream = client.messages.stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'api_error', apiMessage: 'cut', errorCode: 'upstream_truncated' });
  });
});
