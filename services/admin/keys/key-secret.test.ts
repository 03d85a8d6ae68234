import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isKeyHash, maskSecret, newKeySecret, secretProblem, sha256Hex, toKeyHash } from './key-secret.ts';

test('a new key is one a client may send, and like no other', () => {
  const keys = Array.from({ length: 100 }, () => newKeySecret(randomBytes));
  expect(keys.filter((key) => secretProblem(key) !== undefined)).toEqual([]);
  expect(new Set(keys).size).toBe(100);
});

test('a mask shows four characters of a key and nothing more', () => {
  expect(maskSecret('sk-0123456789abcdefWXYZ')).toBe('sk-...WXYZ');
});

test('a key and its hash name the same key', () => {
  const hash = sha256Hex('sk-0123456789abcdef');
  expect(isKeyHash(hash)).toBe(true);
  expect([toKeyHash('sk-0123456789abcdef'), toKeyHash(hash)]).toEqual([hash, hash]);
});

test.each([
  ['pk-0123456789abcdef', /start with sk-/],
  ['sk-0123456789ab', /at least 16/],
  [`sk-${'a'.repeat(300)}`, /at most 256/],
  ['sk-0123456789 abcdef', /printable/],
  ['sk-0123456789äbcdef', /printable/],
  ['sk-0123456789abcdef\n', /printable/],
])('%j can not be chosen as a key', (secret, problem) => {
  expect(secretProblem(secret)).toMatch(problem);
});
