import { beforeEach, expect, test } from 'vitest';
import type { JobMeta } from '#contracts';
import { createJobRegistry, type JobRegistry } from './job-registry.ts';
import { createRunningJob, type RunningJob } from './running-job.ts';

let registry: JobRegistry;
const job = (attempt: number): RunningJob => createRunningJob({ id: 'j', attempt } as JobMeta, 1, () => undefined);
let first: RunningJob;
let hedge: RunningJob;

beforeEach(() => {
  registry = createJobRegistry();
  [first, hedge] = [job(1), job(1001)];
  registry.add(first);
  registry.add(hedge);
});

test('two attempts of one job live beside each other', () => {
  expect([registry.get('j', 1), registry.get('j', 2), registry.get('j', 1001)]).toEqual([first, first, hedge]);
  expect(registry.size).toBe(2);
});

test.each<[number | undefined, number[]]>([
  [undefined, [1, 1001]],
  [1, [1]],
  [1001, [1001]],
  [2, []],
  [1002, []],
])('a cancel of attempt %s is for %j', (attempt, expected) => {
  expect(registry.allOf('j', attempt).map(({ meta }) => meta.attempt)).toEqual(expected);
});

test('a later attempt takes the place of an earlier one, and a forgotten one leaves the other', () => {
  const second = job(2);
  registry.add(second);
  registry.forget('j', 1001);
  expect([registry.get('j', 1), registry.get('j', 1001)]).toEqual([second, undefined]);
});

test('a cancel of one attempt says that another has answered, one of the job that the client is gone', () => {
  first.control({ type: 'cancel', job: 'j', attempt: 1 });
  hedge.control({ type: 'cancel', job: 'j' });
  expect([first.cancelled?.code, hedge.cancelled?.code]).toEqual(['cancelled', 'client_gone']);
});
