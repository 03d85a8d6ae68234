import { describe, expect, test } from 'vitest';
import type { HealthRecord } from '#contracts';
import { createSharedBreaker, type SharedBreaker } from './shared-breaker.ts';

const NOW = 1_000_000;
const OTHERS: HealthRecord = {
  v: 1,
  deploymentId: 'd',
  state: 'open',
  until: NOW + 10_000,
  code: 'upstream_overloaded',
  by: 'other',
  since: NOW,
};

/** A breaker over a bucket; `heard` is what the bucket's watch tells while a write is under way, by the number of the write. */
function createBreaker(heard: Readonly<Record<number, (breaker: SharedBreaker, written: HealthRecord) => void>>, stored?: HealthRecord) {
  let last = stored === undefined ? undefined : { record: stored, revision: 1 };
  let writes = 0;
  const expected: number[] = [];
  const breaker = createSharedBreaker('d', {
    by: 'own',
    now: () => NOW,
    onError: (error) => expect.unreachable(String(error)),
    store: {
      read: async () => last,
      async write(record, revision) {
        expected.push(revision);
        const isFirst = revision === (last?.revision ?? 0);
        if (isFirst) last = { record, revision: revision + 1 };
        const written = last?.revision;
        heard[(writes += 1)]?.(breaker, record);
        return isFirst ? written : undefined;
      },
    },
  });
  return { breaker, expected };
}

describe('what a process decides counts, whenever the bucket tells of it', () => {
  test('a longer cooldown than another’s, which is heard of before the own one is stored', async () => {
    const { breaker } = createBreaker({ 1: (it) => it.apply(OTHERS, 1) }, OTHERS);
    breaker.open('upstream_overloaded', NOW + 60_000);
    await breaker.settled();
    expect(breaker.record).toMatchObject({ until: NOW + 60_000, by: 'own' });
  });

  test('the later of two words, though the earlier is heard of in between', async () => {
    const { breaker } = createBreaker({ 1: (it, written) => it.apply(written, 1) });
    breaker.open('upstream_overloaded', NOW + 60_000);
    breaker.close();
    await breaker.settled();
    expect(breaker.record).toMatchObject({ state: 'closed' });
  });

  test('unless another has spoken since', async () => {
    const { breaker, expected } = createBreaker({ 1: (it) => it.apply({ ...OTHERS, until: NOW + 90_000 }, 2) });
    breaker.open('upstream_overloaded', NOW + 60_000);
    await breaker.settled();
    expect(breaker.record).toMatchObject({ until: NOW + 90_000, by: 'other' });
    breaker.close();
    await breaker.settled();
    expect(expected[1]).toBe(2);
  });
});
