import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

const STREAM = readFileSync(new URL('../anthropic-messages/stream-thinking-tools.sse', import.meta.url));

const open = (clientDialect: ExchangeInput['clientDialect'], stream = false) =>
  openExchange({
    clientDialect,
    providerDialect: 'vertex-raw-predict',
    stream,
    body: Buffer.from(JSON.stringify({ model: 'group', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], stream })),
    upstreamModel: 'claude-sonnet-4-5@20250929',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: { 'anthropic-beta': 'a-1' },
    createdAt: 1_790_000_000,
    answerId: '1',
  });

describe('Claude on Vertex AI', () => {
  it.each(['openai-chat', 'anthropic-messages'] as const)('gets the same frame of a request from a client of %s', (dialect) => {
    const exchange = open(dialect, true);
    expect(exchange.path).toBe('/models/claude-sonnet-4-5@20250929:streamRawPredict');
    expect(exchange.headers).toEqual({ 'content-type': 'application/json', 'anthropic-beta': 'a-1' });
    const body = JSON.parse(Buffer.from(exchange.body).toString()) as object;
    expect(body).toMatchObject({ anthropic_version: 'vertex-2023-10-16', max_tokens: 9, stream: true });
    expect(body).not.toHaveProperty('model');
    expect(open(dialect).path).toBe('/models/claude-sonnet-4-5@20250929:rawPredict');
  });

  it.each(['openai-chat', 'anthropic-messages'] as const)('streams to a client of %s', (dialect) => {
    const decoder = open(dialect, true).openStream();
    expect(decoder.push(STREAM)).toMatchObject({ done: true, error: undefined });
    expect(decoder.usage).toMatchObject({ inputTokens: 1_112, outputTokens: 89 });
  });

  it.each([
    [429, [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' } }], 'upstream_rate_limited'],
    [403, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'no' } }, 'upstream_auth'],
    [404, { error: { code: 404, status: 'NOT_FOUND', message: 'no such model' } }, 'upstream_not_found'],
    [503, { error: { code: 503, status: 'UNAVAILABLE', message: 'busy' } }, 'upstream_overloaded'],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'upstream_overloaded'],
    [400, { type: 'error', error: { type: 'invalid_request_error', message: 'bad' } }, 'upstream_bad_request'],
  ])('answers %i in Google’s words or in Claude’s', (status, body, code) => {
    expect(open('anthropic-messages').decodeError(status, {}, Buffer.from(JSON.stringify(body))).code).toBe(code);
  });
});
