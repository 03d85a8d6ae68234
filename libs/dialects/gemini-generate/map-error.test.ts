import { describe, expect, it } from 'vitest';
import { mapError } from './map-error.ts';

const TYPE = 'type.googleapis.com/google.rpc';
const quota = (fields: object) => ({
  '@type': `${TYPE}.QuotaFailure`,
  violations: [{ quotaMetric: 'generate_content_requests', ...fields }],
});
const retry = { '@type': `${TYPE}.RetryInfo`, retryDelay: '39.5s' };

function map(status: number | undefined, word: string, message: string, details: readonly object[] = []) {
  const body = Buffer.from(JSON.stringify({ error: { code: status, message, status: word, details } }));
  return mapError({ status, headers: {}, body, nowMs: 0 });
}

describe('an error of Google’s', () => {
  it.each([
    [400, 'INVALID_ARGUMENT', 'Invalid value at contents', 'upstream_bad_request'],
    [400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum number of tokens allowed (8).', 'context_length_exceeded'],
    [400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.', 'upstream_auth'],
    [401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.', 'upstream_auth'],
    [403, 'PERMISSION_DENIED', 'Permission denied on resource', 'upstream_auth'],
    [404, 'NOT_FOUND', 'models/x is not found', 'upstream_not_found'],
    [429, 'RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later.', 'upstream_rate_limited'],
    [429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.', 'upstream_quota'],
    [429, 'RESOURCE_EXHAUSTED', 'Your project has exceeded its monthly spending cap.', 'upstream_quota'],
    [500, 'INTERNAL', 'An internal error has occurred.', 'upstream_error'],
    [503, 'UNAVAILABLE', 'The model is overloaded.', 'upstream_overloaded'],
    [504, 'DEADLINE_EXCEEDED', 'Deadline expired.', 'upstream_timeout'],
    [undefined, 'UNAVAILABLE', 'The model is overloaded.', 'upstream_overloaded'],
  ])('%s %s "%s" is %s', (status, word, message, code) => {
    expect(map(status, word, message).code).toBe(code);
  });

  it('says how long to wait for a limit per minute', () => {
    const error = map(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota', [
      quota({ quotaId: 'GenerateRequestsPerMinutePerProject' }),
      retry,
    ]);
    expect(error).toMatchObject({ code: 'upstream_rate_limited', retryAfterMs: 39_500, retry: 'anywhere' });
  });

  it.each([
    { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' },
    { quotaId: 'InputTokensPerModelPerMinute-FreeTier', quotaValue: '0' },
  ])('is no use to wait for when the quota is the day’s or none: %j', (violation) => {
    const error = map(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota', [quota(violation), retry]);
    expect(error).toMatchObject({ code: 'upstream_quota', retry: 'elsewhere' });
  });

  it('about the key is never shown to the caller', () => {
    const error = map(400, 'INVALID_ARGUMENT', 'API Key not found AIzaSyA-secret-1234. Please pass a valid API key.', [
      { reason: 'API_KEY_INVALID' },
    ]);
    expect(error.code).toBe('upstream_auth');
    expect(error.message).not.toContain('AIza');
  });

  it('is read in an array too, as Google’s streams send it', () => {
    const body = Buffer.from('[{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}]');
    expect(mapError({ status: 503, headers: {}, body, nowMs: 0 })).toMatchObject({ code: 'upstream_overloaded', message: 'busy' });
  });

  it.each(['', '<html>', 'null', '{"error":null}', '[]'])('never throws for %j', (body) => {
    expect(mapError({ status: 500, headers: {}, body: Buffer.from(body), nowMs: 0 }).code).toBe('upstream_error');
  });
});
