import { expect, test } from 'vitest';
import type { StreamMessage } from '#bus';
import { type AttemptEvent, InvalidMessage } from '#contracts';
import { type ApplyEvents, applyBatch, type HeldEvent } from './apply-batch.ts';

const hold = (job: string): HeldEvent => ({
  message: { subject: 'events.attempt.x', data: new Uint8Array(), streamSeq: 1, delivery: 1, ack() {} } satisfies StreamMessage,
  event: { job } as AttemptEvent,
});

/** A database that takes all or nothing and refuses some jobs. */
function database(refused: readonly string[]) {
  const stored: string[] = [];
  const apply: ApplyEvents = async (events) => {
    const jobs = events.map(({ job }) => job);
    if (jobs.some((job) => refused.includes(job))) throw new InvalidMessage('refused');
    stored.push(...jobs);
    return { inserted: jobs.length, superseded: 0, duplicates: 0 };
  };
  return { apply, stored };
}

const jobs = Array.from({ length: 100 }, (_, index) => `job-${index}`);

test.each([[[]], [['job-0']], [['job-99']], [['job-17', 'job-18', 'job-80']], [jobs]])(
  'all rows land but those at fault: %j',
  async (refused) => {
    const held = jobs.map(hold);
    const { apply, stored } = database(refused);
    const outcome = await applyBatch(held, apply);
    const expected = jobs.filter((job) => !refused.includes(job));
    expect(stored.toSorted()).toEqual(expected.toSorted());
    expect(outcome.counts.inserted).toBe(expected.length);
    expect(outcome.refused.map(({ message }) => held.find((one) => one.message === message)?.event.job)).toEqual(refused);
  },
);

test('a database that is away is an error, not a refusal', async () => {
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  await expect(applyBatch(jobs.map(hold), () => Promise.reject(away))).rejects.toBe(away);
});
