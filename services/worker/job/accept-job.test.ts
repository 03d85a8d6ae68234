import { beforeEach, describe, expect, test } from 'vitest';
import type { DurableMessage, PulledJob } from '#bus';
import { encodeJobMeta, FRAME, JOB_HEADER, type JobMeta } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import { acceptJob } from './accept-job.ts';
import { createJobRegistry, type JobRegistry } from './job-registry.ts';
import { createRunningJob } from './running-job.ts';

const meta: JobMeta = {
  v: 1,
  id: 'job_1',
  attempt: 2,
  cursor: 0,
  plan: [{ deploymentId: 'd1', provider: 'p', tier: 'standard', modelGroup: 'g' }],
  lane: 'live',
  dialect: 'openai-chat',
  stream: false,
  model: 'g',
  acceptedAt: 1,
  deadlineAt: 2,
  by: { keyHash: 'k' },
};

let registry: JobRegistry;
let acts: string[];
let published: { subject: string; headers: Record<string, string> }[];
let storeAnswers: boolean;

beforeEach(() => {
  registry = createJobRegistry();
  acts = [];
  published = [];
  storeAnswers = true;
});

/** A queue that stores what it is given, or whose connection is closed. */
const resources = (): WorkerResources => {
  const publish = async (subject: string, _data: Uint8Array, headers: Iterable<[string, string[]]>): Promise<{ seq: number }> => {
    if (!storeAnswers) throw new Error('the connection is closed');
    published.push({ subject, headers: Object.fromEntries([...headers].map(([name, values]) => [name, values[0] ?? ''])) });
    return { seq: 1 };
  };
  const bus = { acks: { publish }, nc: { isClosed: () => true } };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  return { bus, link: bus, log } as unknown as WorkerResources;
};

const deliver = (header: string | undefined, delivery = 1): PulledJob => ({
  subject: 'jobs.live.standard.p',
  data: Buffer.from('{}') satisfies DurableMessage['data'],
  header,
  delivery,
  streamSeq: 7,
  storedAt: 1,
  readHeaders: () => [],
  working: () => void acts.push('working'),
  settle: () => void acts.push('settle'),
  handBack: (delayMs) => void acts.push(`hand back ${delayMs}`),
});

const accept = (pulled: PulledJob, stopping = false) => acceptJob(pulled, { registry, stopping: () => stopping }, resources());

function running(attempt: number) {
  const job = createRunningJob({ ...meta, attempt }, 1, () => undefined);
  registry.add(job);
  return job;
}

describe('a delivery', () => {
  test('of a job that runs here already keeps the one that runs the only one', async () => {
    const job = running(2);
    await accept(deliver(encodeJobMeta(meta), 2));
    expect(acts).toEqual(['working']);
    expect(registry.get('job_1', 1)).toBe(job);
  });

  test('of a job that is finished here is settled', async () => {
    running(2).sender.send({ kind: FRAME.final, meta: {} });
    await accept(deliver(encodeJobMeta(meta), 2));
    expect(acts).toEqual(['settle']);
  });

  test('of an earlier attempt than the one that runs here is settled, and the one that runs stays', async () => {
    const job = running(3);
    await accept(deliver(encodeJobMeta(meta), 2));
    expect(acts).toEqual(['settle']);
    expect(registry.get('job_1', 1)).toBe(job);
  });

  test('to a worker that stops is given back, with a note that nothing was run', async () => {
    await accept(deliver(encodeJobMeta(meta)), true);
    expect(acts).toEqual(['hand back 0']);
    expect(published).toMatchObject([{ subject: 'events.handback', headers: { 'Nats-Msg-Id': 'job_1.2.1' } }]);
  });

  test('to a worker that stops is given back though the note can’t be stored', async () => {
    storeAnswers = false;
    await accept(deliver(encodeJobMeta(meta)), true);
    expect(acts).toEqual(['hand back 0']);
  });
});

describe('a message that is no job', () => {
  test.each<[string, string | undefined]>([
    ['without a header', undefined],
    ['with a header that is no JSON', '{'],
    ['of a version that would break a header line', JSON.stringify({ ...meta, v: 'a\r\nb' })],
    ['whose cursor points past its plan', JSON.stringify({ ...meta, cursor: 5 })],
    ['whose id is no subject token', JSON.stringify({ ...meta, id: 'a b' })],
  ])('%s goes to the dead letters with the reason, and is settled', async (_what, header) => {
    await accept(deliver(header));
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject({ subject: 'dead.jobs.live.standard.p', headers: { [JOB_HEADER]: header ?? '' } });
    expect(published[0]?.headers['Headrace-Error']).toMatch(/^[^\r\n]+$/);
    expect(acts).toEqual(['settle']);
  });

  test('stays in the queue when the dead letters can’t be reached, and the process lives', async () => {
    storeAnswers = false;
    await expect(accept(deliver('{'))).resolves.toBeUndefined();
    expect(acts).toEqual([]);
  });
});
