import { describe, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import { readIdempotencyKey } from './idempotency-key.ts';

test('a request without the header has no key', () => {
  expect(readIdempotencyKey({})).toBeUndefined();
});

test.each(['a', 'order 4711 ü', 'x'.repeat(255)])('a key of 1 to 255 characters is taken as it is: %s', (key) => {
  expect(readIdempotencyKey({ 'idempotency-key': key })).toBe(key);
  expect(readIdempotencyKey({ 'x-idempotency-key': key })).toBe(key);
});

test('of two headers the standard one counts', () => {
  expect(readIdempotencyKey({ 'idempotency-key': 'a', 'x-idempotency-key': 'b' })).toBe('a');
});

describe.each(['idempotency-key', 'x-idempotency-key'])('%s', (name) => {
  test.each(['', '  ', 'x'.repeat(256), 'tab\there', 'nul\u0000', '\u007f'])('with the bad value %j is refused by name', (key) => {
    let thrown: unknown;
    try {
      readIdempotencyKey({ [name]: key });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    expect(thrown).toMatchObject({ code: 'invalid_request', param: name, message: expect.stringContaining(name) });
  });
});
