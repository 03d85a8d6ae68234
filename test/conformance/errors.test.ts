import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayError } from '#contracts';
import { type Exchange, openExchange, PROVIDER_DIALECTS, type ProviderDialect } from '#dialects';
import { CLAUDE_AND_GOOGLE_ERRORS, CLAUDE_AND_GOOGLE_STREAM_ERRORS } from './errors/claude-and-google.ts';
import { RETRY_OF } from './errors/error-case.ts';
import { OPENAI_ERRORS, OPENAI_STREAM_ERRORS } from './errors/openai-formats.ts';
import { OWN_FORMAT_ERRORS, OWN_FORMAT_STREAM_ERRORS } from './errors/own-formats.ts';

const ERRORS = [...OPENAI_ERRORS, ...CLAUDE_AND_GOOGLE_ERRORS, ...OWN_FORMAT_ERRORS];
const STREAM_ERRORS = [...OPENAI_STREAM_ERRORS, ...CLAUDE_AND_GOOGLE_STREAM_ERRORS, ...OWN_FORMAT_STREAM_ERRORS];
/** Translated for one client, relayed for the other where there is a relay. */
const CLIENTS = ['openai-chat', 'anthropic-messages'] as const;

function open(providerDialect: ProviderDialect, clientDialect: (typeof CLIENTS)[number], stream = false): Exchange {
  return openExchange({
    clientDialect,
    providerDialect,
    stream,
    body: Buffer.from(JSON.stringify({ model: 'm', max_tokens: 9, stream, messages: [{ role: 'user', content: 'hi' }] })),
    upstreamModel: 'm',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_700_000_000,
    answerId: 'a1',
  });
}

it('has the errors of every provider format, in answers and in streams', () => {
  const formats = [...PROVIDER_DIALECTS].toSorted();
  expect([...new Set(ERRORS.map((one) => one.dialect))].toSorted()).toEqual(formats);
  expect([...new Set(STREAM_ERRORS.map((one) => one.dialect))].toSorted()).toEqual(formats);
});

describe.each(CLIENTS)('for a client of %s', (client) => {
  it.each(ERRORS.map((one) => [`${one.dialect}: ${one.what}`, one] as const))('%s', (_name, one) => {
    const { dialect, status, headers = {}, body, code, retryAfterMs } = one;
    const error = open(dialect, client).decodeError(status, headers, Buffer.from(JSON.stringify(body)));
    expect([error.code, error.retry, error.retryAfterMs]).toEqual([code, RETRY_OF[code], retryAfterMs]);
    expect(error.upstreamStatus).toBe(status === 424 ? 429 : status);
  });

  it.each(STREAM_ERRORS.map((one) => [`${one.dialect}, in a stream: ${one.what}`, one] as const))(
    '%s',
    (_name, { dialect, bytes, code }) => {
      const decoder = open(dialect, client, true).openStream();
      const error: GatewayError | undefined = decoder.push(bytes).error ?? decoder.end().error;
      expect([error?.code, error?.retry]).toEqual([code, RETRY_OF[code]]);
    },
  );

  it.each(PROVIDER_DIALECTS)('%s: a used-up quota is never tried again at the same place, whatever its status and labels', (dialect) => {
    for (const status of [400, 402, 403, 429]) {
      const body = { error: { message: 'You have no credits left', type: 'rate_limit_error' }, message: 'You have no credits left' };
      const error = open(dialect, client).decodeError(status, { 'retry-after': '1' }, Buffer.from(JSON.stringify(body)));
      expect([error.code, error.retry]).toEqual(['upstream_quota', 'elsewhere']);
    }
  });

  it.each(PROVIDER_DIALECTS)('%s: no bytes make it throw, and pages are not shown', (dialect) => {
    const exchange = open(dialect, client);
    const json = fc.json().map((text) => Buffer.from(text));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), json, fc.constant(Buffer.from('<html>Bad gateway</html>')));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 300, max: 599 }), (body, status) => {
        const error = exchange.decodeError(status, {}, body);
        expect(error.message).not.toContain('<html>');
        expect(error.code).not.toBe('internal_error');
      }),
      { numRuns: 60 },
    );
  });
});
