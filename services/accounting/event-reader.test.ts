import { expect, test } from 'vitest';
import { InvalidMessage } from '#contracts';
import { createEventReader } from './event-reader.ts';

/** All that a ledger row can't do without. */
const FIELDS = {
  ...{
    v: 1,
    status: 'success',
    lane: 'live',
    tier: 't',
    requestedModel: 'm',
    modelGroup: 'm',
    deploymentId: 'd',
    provider: 'p',
    model: 'm',
  },
  ...{ attempt: 1, delivery: 1, acceptedAt: 1, startedAt: 1, endedAt: 1, by: {}, usage: {} },
};
const dataOf = (job: string): Uint8Array => Buffer.from(JSON.stringify({ ...FIELDS, job }));

test('an event that two read is read once, and the second has the same', () => {
  const reader = createEventReader();
  reader.share(true);
  const first = reader.read(7, dataOf('a'));
  expect(first).toMatchObject({ job: 'a' });
  expect(reader.read(7, new Uint8Array(0))).toBe(first);
  // a third time it is what the stream has
  expect(reader.read(7, dataOf('a'))).not.toBe(first);
});

test('another event in its place is read itself', () => {
  const reader = createEventReader();
  reader.share(true);
  reader.read(7, dataOf('a'));
  expect(reader.read(7 + 2_048, dataOf('b'))).toMatchObject({ job: 'b' });
  expect(reader.read(7, dataOf('a'))).toMatchObject({ job: 'a' });
});

test('nothing is kept where the ledger reads alone, nor after the lead is lost', () => {
  const reader = createEventReader();
  reader.read(7, dataOf('a'));
  expect(() => reader.read(7, new Uint8Array(0))).toThrow(InvalidMessage);
  reader.share(true);
  reader.read(8, dataOf('a'));
  reader.share(false);
  expect(() => reader.read(8, new Uint8Array(0))).toThrow(InvalidMessage);
});
