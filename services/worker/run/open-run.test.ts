import { expect, test } from 'vitest';
import type { JobMeta } from '#contracts';
import type { RunningJob } from '../job/running-job.ts';
import type { WorkerResources } from '../resources.ts';
import { hasEnd } from './open-run.ts';

/** Whether a job that was delivered again is over, and how often its prompt was told so. */
async function look(end: object | undefined): Promise<{ isOver: boolean; told: number }> {
  let told = 0;
  const prompt = { endedElsewhere: () => void (told += 1) } as RunningJob['prompt'];
  const meta = { id: 'j', by: { keyHash: 'o' }, run: { group: 'g' } } as JobMeta;
  const runs = { store: { findEnd: async () => end } } as unknown as WorkerResources['runs'];
  const isOver = await hasEnd({ meta, prompt } as RunningJob, { runs });
  return { isOver, told };
}

test('a job whose worker died behind its end is kept by the next worker that is given it, once', async () => {
  expect(await look({ end: {}, bytes: Buffer.alloc(0) })).toEqual({ isOver: true, told: 1 });
  expect(await look(undefined)).toEqual({ isOver: false, told: 0 });
});
