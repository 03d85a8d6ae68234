import { beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, FRAME, GatewayError, type JobMeta } from '#contracts';
import type { UpstreamCall } from '#upstream';
import { createRunningJob, type RunningJob } from './running-job.ts';

let seqs: number[];
let job: RunningJob;
let aborts: GatewayError[];
let resumes: number;
let call: UpstreamCall;

beforeEach(() => {
  seqs = [];
  aborts = [];
  resumes = 0;
  call = { abort: (reason) => aborts.push(reason), pause: () => undefined, resume: () => (resumes += 1) };
  job = createRunningJob({ id: 'job_1', attempt: 2 } as JobMeta, 3, (bytes) => seqs.push(decodeFrame(bytes).seq));
});

const sendThree = (): void => {
  for (let i = 0; i < 3; i += 1) job.sender.send({ kind: FRAME.data, body: Buffer.from('x') });
  seqs.length = 0;
};

describe('a control message', () => {
  const at = { job: 'job_1', attempt: 2, delivery: 3 };

  test('for this attempt and delivery is obeyed', () => {
    sendThree();
    job.control({ type: 'ack', ...at, seq: 0 });
    job.control({ type: 'resend', ...at, seq: 0 });
    expect(seqs).toEqual([1, 2]);
  });

  test.each([
    ['another attempt', { ...at, attempt: 1 }],
    ['another delivery', { ...at, delivery: 2 }],
  ])('for %s can’t hit this one', (_what, other) => {
    sendThree();
    job.control({ type: 'ack', ...other, seq: 2 });
    job.control({ type: 'resend', ...at, seq: 0 });
    expect(seqs).toEqual([0, 1, 2]);
    seqs.length = 0;
    job.control({ type: 'resend', ...other, seq: 0 });
    expect(seqs).toEqual([]);
  });

  test('of an ingress that has seen no frame of this delivery yet is answered with all of them', () => {
    sendThree();
    job.control({ type: 'resend', ...at, delivery: 0, seq: 0 });
    expect(seqs).toEqual([0, 1, 2]);
  });

  test('that acknowledges lets the provider go on', () => {
    job.attach(call);
    sendThree();
    job.control({ type: 'ack', ...at, seq: 2 });
    expect(resumes).toBe(1);
  });
});

describe('a cancel', () => {
  test('aborts the call under way, once, and says why', async () => {
    job.attach(call);
    job.control({ type: 'cancel', job: 'job_1' });
    job.control({ type: 'cancel', job: 'job_1' });
    await job.whenCancelled;
    expect(job.cancelled?.code).toBe('client_gone');
    expect(new Set(aborts)).toEqual(new Set([job.cancelled]));
  });

  test('before the call is remembered for it', () => {
    job.control({ type: 'cancel', job: 'job_1' });
    expect(job.cancelled?.code).toBe('client_gone');
    expect(aborts).toHaveLength(0);
  });

  test('after the call has ended aborts nothing', () => {
    job.attach(call);
    job.attach(undefined);
    job.control({ type: 'cancel', job: 'job_1' });
    expect(aborts).toHaveLength(0);
  });
});

test('an interruption ends the call and leaves the job free to go on elsewhere', () => {
  const reason = new GatewayError('worker_lost', 'stopped');
  job.attach(call);
  job.interrupt(reason);
  expect(aborts).toEqual([reason]);
  expect(job.cancelled).toBeUndefined();
});
