import { expect, test } from 'vitest';
import type { SpendBucket } from '#bus';
import type { OpenTicket } from '#contracts';
import { createSpendStore, type StoredSpend } from './spend-store.ts';

/** A bucket in memory, with the revisions of the real one. */
function createBucket() {
  const entries = new Map<string, { text: string; revision: number }>();
  let writes = 0;
  const bucket: SpendBucket = {
    async write(key, text, revision) {
      if ((entries.get(key)?.revision ?? 0) !== revision) return undefined;
      writes += 1;
      entries.set(key, { text, revision: writes });
      return writes;
    },
    readAll: async () => entries,
  };
  return { bucket, writes: () => writes };
}

function ticket(job: string): OpenTicket {
  const [acceptedAt, deadlineAt] = [1, 2];
  return {
    job,
    heldUsd: '0.1',
    inputTokens: 1,
    outputTokens: 1,
    by: { keyHash: 'k' },
    modelGroup: 'm',
    acceptedAt,
    deadlineAt,
    durable: true,
  };
}

const NOTHING: StoredSpend = { seq: 1, storedAt: 1, ingresses: [], accounts: [], lost: [], held: [] };

test('what is held for jobs without an ingress is found again by the next leader, and gone when it was given back', async () => {
  const { bucket } = createBucket();
  const jobs = Array.from({ length: 200 }, (_, index) => ticket(`job_${index}`));
  const store = createSpendStore(bucket);
  await store.save({ ...NOTHING, held: jobs });
  const next = createSpendStore(bucket);
  const found = await next.load();
  expect(found?.held.map(({ job }) => job).toSorted()).toEqual(jobs.map(({ job }) => job).toSorted());
  expect(found?.accounts).toEqual([]);
  await next.save({ ...NOTHING, held: [ticket('job_7')] });
  expect((await createSpendStore(bucket).load())?.held.map(({ job }) => job)).toEqual(['job_7']);
});

test('what has not changed is not written again, and a leader of old writes nothing', async () => {
  const { bucket, writes } = createBucket();
  const store = createSpendStore(bucket);
  const state = { ...NOTHING, held: [ticket('a'), ticket('b')] };
  await store.save(state);
  const before = writes();
  await store.save(state);
  expect(writes()).toBe(before);
  const next = createSpendStore(bucket);
  await next.load();
  expect(await next.save({ ...NOTHING, held: [] })).toBe(true);
  expect(await store.save({ ...NOTHING, held: [{ ...ticket('a'), heldUsd: '0.2' }] })).toBe(false);
});
