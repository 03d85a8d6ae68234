import { describe, expect, test } from 'vitest';
import { redactBody, redactText } from './redact-prompt.ts';

const body = (value: unknown, options: { fields?: readonly string[]; maxBytes?: number } = {}) =>
  redactBody(value, { fields: new Set(options.fields ?? []), maxBytes: options.maxBytes ?? 10_000 });

describe('text that is kept', () => {
  test.each([
    ['an OpenAI key', 'use sk-proj-abcdefghijklmnop1234 now', 'use [redacted] now'],
    ['a virtual key', 'sk-0123456789abcdef0123', '[redacted]'],
    ['a bearer token', 'curl -H "Authorization: Bearer abcdef0123456789.xyz"', 'curl -H "Authorization: [redacted]"'],
    ['an AWS key id', 'AKIAIOSFODNN7EXAMPLE1', '[redacted]'],
    ['a GitHub token', 'ghp_abcdefghijklmnopqrst', '[redacted]'],
    ['a Google key', 'AIzaSyA1234567890abcdefg', '[redacted]'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- ok', '[redacted] ok'],
  ])('has %s taken out', (_name, text, expected) => {
    expect(redactText(text, 1_000)).toBe(expected);
  });

  test.each(['task-force-of-the-whole-world', 'sk-short', 'the bearer of good news brings it', 'AKIA is a prefix'])(
    'keeps what is none: %s',
    (text) => {
      expect(redactText(text, 1_000)).toBe(text);
    },
  );

  test('is cut between two characters, and says how long it was', () => {
    expect(redactText('ä'.repeat(10), 5)).toBe('ää… [cut, 20 bytes in all]');
    expect(redactText('ä'.repeat(10), 20)).toBe('ä'.repeat(10));
  });

  test('a megabyte that almost matches takes a moment', () => {
    const startedAt = performance.now();
    for (const part of ['sk-', '-----BEGIN PRIVATE KEY-----', 'Bearer ', 'data:image/png;base64,', 'a'])
      redactText(part.repeat(1_000_000 / part.length), 1_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('text that is long', () => {
  test('has a secret taken out that stands where it is cut', () => {
    const kept = redactText(`${'x '.repeat(495)}sk-${'a'.repeat(60)} ${'y '.repeat(20_000)}`, 1_000);
    expect(kept).toBe(`${'x '.repeat(495)}[redacted]… [cut, 41054 bytes in all]`);
  });

  test('is said to be cut also where hardly anything was left of its beginning', () => {
    expect(redactText(`${`sk-${'a'.repeat(60)} `.repeat(400)}`, 8_000)).toMatch(/^(\[redacted\] )+.{0,20}… \[cut, 25600 bytes in all\]$/);
  });
});

describe('a body that is kept', () => {
  test('has fields taken out wherever they stand, in any case', () => {
    const kept = body({ messages: [{ content: 'hi', Patient: 'Ann' }], metadata: { patient: { name: 'Ann' } } }, { fields: ['patient'] });
    expect(JSON.parse(kept)).toEqual({ messages: [{ content: 'hi', Patient: '[redacted]' }], metadata: { patient: '[redacted]' } });
  });

  test('has pictures and files by their size alone', () => {
    const data = 'A'.repeat(2_000);
    const kept = body({ a: { url: `data:image/png;base64,${data}` }, b: { data } });
    expect(JSON.parse(kept)).toEqual({ a: { url: '[2022 characters of data]' }, b: { data: '[2000 characters of data]' } });
  });

  test.each([
    ['in an address', 'data:image/png;base64,'],
    ['in a field of its own', ''],
    ['behind what a key begins with', 'sk-'],
  ])('may have 20 MB %s', (_name, before) => {
    expect(body({ data: `${before}${'iVBORw0KGgoA'.repeat(1_700_000)}` }).length).toBeLessThan(11_000);
  });

  test('is cut', () => {
    expect(body({ text: 'x'.repeat(100) }, { maxBytes: 20 })).toBe('{"text":"xxxxxxxxxxx… [cut, 111 bytes in all]');
  });
});
