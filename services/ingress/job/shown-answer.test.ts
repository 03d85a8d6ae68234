import { beforeEach, describe, expect, test } from 'vitest';
import { encodeFrame, FRAME, type FrameFields, type GatewayError, type JobMeta, NO_USAGE } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import { PendingJob } from './pending-job.ts';

/** A job whose stream may go on with another attempt, as the ingress sees it. */
let told: string[];
let ends: (GatewayError | undefined)[];

const response: ClientResponse = {
  headSent: true,
  over: false,
  status: 200,
  backedUp: false,
  head: () => undefined,
  write: (bytes) => void told.push(Buffer.from(bytes).toString()),
  end: (_head, bytes) => void told.push(`end ${Buffer.from(bytes ?? []).toString()}`),
  fail: (error) => void told.push(`fail ${error.code}`),
};

beforeEach(() => {
  told = [];
  ends = [];
});

function open(onStreamFailure: JobMeta['onStreamFailure']): PendingJob {
  return new PendingJob({
    meta: { id: 'job_1', attempt: 1, cursor: 0, dialect: 'openai-chat', onStreamFailure } as JobMeta,
    response,
    now: () => 1,
    control: () => undefined,
    onStarted: () => undefined,
    onHedgeStarted: () => undefined,
    onSuperseded: () => undefined,
    onOver: (_job, error) => ends.push(error),
    onResend: () => undefined,
  });
}

const frame = (attempt: number, seq: number, kind: FrameFields['kind'], meta?: FrameFields['meta'], body = ''): Uint8Array =>
  encodeFrame({ attempt, seq, kind, meta, delivery: 1, body: Buffer.from(body) });
const started = (attempt: number) => frame(attempt, 0, FRAME.started, { worker: `w${attempt}`, deploymentId: 'd', queueMs: 0 });
const text = (attempt: number, seq: number, words: string) => frame(attempt, seq, FRAME.data, { model: 'm', text: [words] }, words);
const moved = (seq: number, more: object) =>
  frame(1, seq, FRAME.moved, { attempt: 2, cursor: 1, streamSeq: 9, reason: 'upstream_truncated', ...more });

describe('a stream that is continued', () => {
  test('comes in the order of its attempts, also when the next one is faster than the last words of the one before', () => {
    const job = open('continue');
    for (const bytes of [started(1), text(1, 1, 'a'), started(2), text(2, 1, 'c'), text(1, 2, 'b')]) job.onFrame(bytes);
    expect(told).toEqual(['a', 'b']);
    job.onFrame(moved(3, { recovery: 'continue', sentRef: 'job_1.sent.2', spent: { ...NO_USAGE, outputTokens: 2 } }));
    job.onFrame(frame(2, 2, FRAME.final, {}));
    expect(told).toEqual(['a', 'b', 'c', 'end ']);
    expect(ends).toEqual([undefined]);
    expect(job.sentRefs).toEqual(['job_1.sent.2']);
  });

  test('is known here word by word, with what it cost, for the case that its worker dies', () => {
    const job = open('continue');
    for (const bytes of [started(1), text(1, 1, 'a'), moved(2, { recovery: 'continue', spent: { ...NO_USAGE, outputTokens: 2 } })])
      job.onFrame(bytes);
    for (const bytes of [started(2), text(2, 1, 'b')]) job.onFrame(bytes);
    job.shown?.lost({ ...NO_USAGE, outputTokens: 5 });
    expect(job.recovery).toBe('continue');
    expect(job.shown?.answer()).toMatchObject({ text: ['a', 'b'], spent: { outputTokens: 7 } });
    expect(job.current.contentFrames).toBe(1);
    expect(job.relayedFrames).toBe(2);
  });

  test('ends with an error when its move says nothing of the text', () => {
    const job = open('continue');
    for (const bytes of [started(1), text(1, 1, 'a'), moved(2, {})]) job.onFrame(bytes);
    expect(told).toEqual(['a', 'fail worker_lost']);
  });
});

test('a stream that begins anew does so after one reset event, and only if there was anything to forget', () => {
  const job = open('restart');
  for (const bytes of [started(1), text(1, 1, 'a'), moved(2, { recovery: 'restart' }), started(2), text(2, 1, 'A')]) job.onFrame(bytes);
  expect(told).toEqual(['a', expect.stringContaining('event: headrace.restart'), 'A']);
  const early = open('restart');
  told = [];
  for (const bytes of [started(1), moved(1, {}), started(2), text(2, 1, 'A')]) early.onFrame(bytes);
  expect(told).toEqual(['A']);
});

test('frames of a later attempt stay out of a stream that nobody asked to recover', () => {
  const job = open(undefined);
  for (const bytes of [started(1), text(1, 1, 'a'), started(2), text(2, 1, 'b')]) job.onFrame(bytes);
  expect(told).toEqual(['a']);
  expect(job.recovery).toBeUndefined();
});
