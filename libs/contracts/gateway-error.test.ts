import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode, isErrorCode } from './error-code.ts';
import { asGatewayError, fromErrorRecord, GatewayError, toErrorRecord } from './gateway-error.ts';

describe('the error codes', () => {
  test.each(Object.entries(ERROR_CODES))('%s has an error status and a type', (_code, entry) => {
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.type).toMatch(/^[a-z_]+$/);
  });

  test('an outage is never shown as a rate limit', () => {
    for (const code of ['no_healthy_deployment', 'upstream_overloaded', 'upstream_unreachable', 'queue_full', 'worker_lost'] as const) {
      expect(ERROR_CODES[code].status).toBeGreaterThanOrEqual(500);
    }
  });

  test.each(['constructor', '__proto__', 'toString', '', 'nope', 5, null, undefined])('%j is no code', (value) => {
    expect(isErrorCode(value)).toBe(false);
  });
});

describe('a gateway error', () => {
  test('keeps code, message, field and wait on its way through a frame', () => {
    const sent = new GatewayError('upstream_rate_limited', 'Slow down.', { param: 'model', retryAfterMs: 1_500, upstreamStatus: 429 });
    const got = fromErrorRecord(JSON.parse(JSON.stringify(toErrorRecord(sent))));
    expect(got).toMatchObject({
      code: 'upstream_rate_limited',
      message: 'Slow down.',
      param: 'model',
      retryAfterMs: 1_500,
      upstreamStatus: 429,
      status: 429,
    });
  });

  test('of a code from a newer sender becomes an internal error instead of a crash', () => {
    expect(fromErrorRecord({ code: 'from_the_future' as ErrorCode, message: 'x' }).status).toBe(500);
  });

  test('takes its retry scope from the table unless the layer that knows better says so', () => {
    expect(new GatewayError('upstream_timeout', 'x').retry).toBe('anywhere');
    expect(new GatewayError('upstream_timeout', 'x', { retry: 'never' }).retry).toBe('never');
  });

  test('made of anything thrown tells the client nothing of it and keeps it as cause', () => {
    const thrown = new TypeError('password=hunter2');
    const error = asGatewayError(thrown);
    expect(error.message).not.toContain('hunter2');
    expect(error).toMatchObject({ code: 'internal_error', cause: thrown });
    expect(JSON.stringify(toErrorRecord(error))).not.toContain('hunter2');
  });
});
