import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

test('a cursor leads back to its place', () => {
  const place = { acceptedAt: new Date(1_748_772_000_123), jobId: 'job "1"', attempt: 2, delivery: 3 };
  expect(decodeCursor(encodeCursor(place))).toEqual(place);
});

test.each([
  '',
  'x',
  Buffer.from('{}').toString('base64url'),
  Buffer.from('[1,"j",1]').toString('base64url'),
  Buffer.from('[1e16,"j",1,1]').toString('base64url'),
])('%j is no cursor', (text) => {
  expect(decodeCursor(text)).toBeUndefined();
});
