import { afterEach, expect, test } from 'vitest';
import type { PulledJob } from '#bus';
import type { JobMeta } from '#contracts';
import { waitFor } from '#testing';
import { createHeldJobs, type HeldJob, heldToken } from './held-jobs.ts';

let held = createHeldJobs();
afterEach(() => {
  held.close();
  held = createHeldJobs();
});

const job = (id: string, attempt = 1): HeldJob => ({
  pulled: { delivery: 1, streamSeq: 7 } as PulledJob,
  meta: { id, attempt } as JobMeta,
  deployment: undefined,
  retryAt: 0,
  asking: false,
});

test('a job that stays is told of soon, one that leaves at once is not', async () => {
  const told: string[] = [];
  held.onStaying((jobs) => void told.push(...jobs.map(heldToken)));
  const [stays, leaves] = [job('stays'), job('leaves')];
  held.add(stays);
  held.add(leaves);
  held.remove(leaves);
  await waitFor(() => told.length > 0, { what: 'the news' });
  expect(told).toEqual(['stays.1.1']);
});

test('a cancel takes a job out, and the end of an earlier attempt leaves it in', () => {
  const dropped: HeldJob[] = [];
  held.onDropped((one) => dropped.push(one));
  const second = job('a', 2);
  held.add(second);
  held.drop('a', 1);
  expect(held.size).toBe(1);
  held.cancel('a', 1);
  expect(held.size).toBe(1);
  held.cancel('a', undefined);
  held.cancel('a', undefined);
  expect(dropped).toEqual([second]);
  expect(held.size).toBe(0);
});
