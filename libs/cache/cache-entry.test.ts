import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidMessage } from '#contracts';
import { type CacheFacts, decodeCacheEntry, encodeCacheEntry } from './cache-entry.ts';

const facts: CacheFacts = {
  v: 1,
  hash: 'h',
  dialect: 'openai-chat',
  isStream: false,
  hasUsage: true,
  contentType: 'application/json',
  storedAt: 1,
  expiresAt: 2,
  job: 'job_1',
  owner: 'o',
  deploymentId: 'd',
  provider: 'p',
  modelGroup: 'g',
  costUsd: '0.0001',
};

test('an entry comes back as it was stored, whatever its bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (body) => {
      const { facts: read, body: bytes } = decodeCacheEntry(encodeCacheEntry({ facts, body }), 'h');
      expect(read).toEqual(facts);
      expect(Buffer.compare(bytes, body)).toBe(0);
    }),
  );
});

test('an entry of which one byte differs, or that is cut, is refused', () => {
  const whole = encodeCacheEntry({ facts, body: Buffer.from('{"a":"ü"}') });
  for (const [at, byte] of whole.entries()) {
    expect(() => decodeCacheEntry(whole.subarray(0, at), 'h')).toThrow(InvalidMessage);
    for (const change of [1, 2, 0x20, 0x80, 0xff]) {
      const broken = Buffer.from(whole);
      broken[at] = byte ^ change;
      expect(() => decodeCacheEntry(broken, 'h'), `byte ${at} ^ ${change}`).toThrow(InvalidMessage);
    }
  }
});

test('an entry of another request or version is refused', () => {
  expect(() => decodeCacheEntry(encodeCacheEntry({ facts, body: Buffer.alloc(0) }), 'other')).toThrow(InvalidMessage);
  const later = { ...facts, v: 2 } as unknown as CacheFacts;
  expect(() => decodeCacheEntry(encodeCacheEntry({ facts: later, body: Buffer.alloc(0) }), 'h')).toThrow(InvalidMessage);
});
