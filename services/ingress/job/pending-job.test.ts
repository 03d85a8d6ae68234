import { beforeEach, describe, expect, test } from 'vitest';
import { encodeFrame, FRAME, type FrameFields, type GatewayError, type HeadMeta, type JobMeta, type WorkerControl } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import { PendingJob } from './pending-job.ts';

let now: number;
let told: string[];
let controls: { worker: string; message: WorkerControl }[];
let ends: (GatewayError | undefined)[];
let backedUp: boolean;
let job: PendingJob;

/** The client's side, written down. */
const response: ClientResponse = {
  headSent: false,
  over: false,
  status: 0,
  get backedUp() {
    return backedUp;
  },
  head: (head: HeadMeta) => void told.push(`head ${head.status}`),
  write: (bytes) => void told.push(Buffer.from(bytes).toString()),
  end: (head, bytes) => void told.push(`end ${head?.status ?? '-'} ${Buffer.from(bytes ?? []).toString()}`),
  fail: (error) => void told.push(`fail ${error.code}`),
};

beforeEach(() => {
  now = 10_000;
  told = [];
  controls = [];
  ends = [];
  backedUp = false;
  job = new PendingJob({
    meta: { id: 'job_1', attempt: 1, cursor: 0 } as JobMeta,
    response,
    now: () => now,
    control: (worker, message) => controls.push({ worker, message }),
    onStarted: () => undefined,
    onHedgeStarted: () => undefined,
    onSuperseded: () => undefined,
    onOver: (_job, error) => ends.push(error),
    onResend: () => undefined,
  });
});

type Sent = Pick<FrameFields, 'kind' | 'meta'> & { body?: string; attempt?: number; delivery?: number };

const frame = (seq: number, sent: Sent): Uint8Array =>
  encodeFrame({
    seq,
    kind: sent.kind,
    meta: sent.meta,
    attempt: sent.attempt ?? 1,
    delivery: sent.delivery ?? 1,
    body: Buffer.from(sent.body ?? ''),
  });
const started = (change: Partial<Sent> = {}, worker = 'w1', more: { cursor?: number; streamSeq?: number } = {}) =>
  frame(0, { kind: FRAME.started, meta: { worker, deploymentId: 'd', queueMs: 0, ...more }, ...change });
const head = (seq: number, change: Partial<Sent> = {}) => frame(seq, { kind: FRAME.head, meta: { status: 200, headers: {} }, ...change });
const data = (seq: number, body: string, change: Partial<Sent> = {}) => frame(seq, { kind: FRAME.data, body, ...change });
const final = (seq: number, body = '', change: Partial<Sent> = {}) => frame(seq, { kind: FRAME.final, meta: {}, body, ...change });
const moved = (seq: number, attempt: number, change: Partial<Sent> = {}) =>
  frame(seq, {
    kind: FRAME.moved,
    meta: { attempt, cursor: attempt - 1, streamSeq: 70 + attempt, reason: 'upstream_overloaded' },
    ...change,
  });
const acks = (): number[] => controls.flatMap(({ message }) => (message.type === 'ack' ? [message.seq] : []));
const resends = (): number[] => controls.flatMap(({ message }) => (message.type === 'resend' ? [message.seq] : []));

describe('frames in order', () => {
  test('reach the client as head, bytes and end, and the job is over once', () => {
    for (const sent of [started(), head(1), data(2, 'a'), data(3, 'b'), final(4, 'c')]) job.onFrame(sent);
    expect(told).toEqual(['head 200', 'a', 'b', 'end - c']);
    expect(ends).toEqual([undefined]);
    expect(job.over).toBe(true);
  });

  test('an answer in one piece brings its head along', () => {
    job.onFrame(started());
    job.onFrame(frame(1, { kind: FRAME.final, meta: { head: { status: 200, headers: {} } }, body: '{}' }));
    expect(told).toEqual(['end 200 {}']);
  });

  test('a final error is worded by the client’s side, once', () => {
    job.onFrame(started());
    job.onFrame(frame(1, { kind: FRAME.final, meta: { error: { code: 'upstream_overloaded', message: 'Busy.' } } }));
    job.onFrame(final(2, 'x'));
    expect(told).toEqual(['fail upstream_overloaded']);
    expect(ends.map((error) => error?.code)).toEqual(['upstream_overloaded']);
  });

  test('the start names worker, place in the plan and place in the queue', () => {
    job.onFrame(started({}, 'w7', { cursor: 2, streamSeq: 99 }));
    expect(job.current).toMatchObject({ worker: 'w7', cursor: 2, streamSeq: 99, startedAt: 10_000, delivery: 1 });
  });
});

describe('frames over a link that loses, repeats and reorders them', () => {
  test('a gap is asked for again, and what came early waits for it', () => {
    job.onFrame(started());
    job.onFrame(data(2, 'b'));
    expect(told).toEqual([]);
    expect(resends()).toEqual([1]);
    job.onFrame(data(1, 'a'));
    expect(told).toEqual(['a', 'b']);
  });

  test('a gap is asked for again at most every 200 ms, however many frames come early', () => {
    job.onFrame(started());
    for (let seq = 2; seq < 50; seq += 1) job.onFrame(data(seq, 'x'));
    expect(resends()).toEqual([1]);
    now += 200;
    job.onFrame(data(50, 'x'));
    expect(resends()).toEqual([1, 1]);
  });

  test('a repeated frame reaches the client once', () => {
    for (const sent of [started(), data(1, 'a'), data(1, 'a'), data(2, 'b'), data(1, 'a'), data(2, 'b')]) job.onFrame(sent);
    expect(told).toEqual(['a', 'b']);
  });

  test('a whole resend after the end changes nothing', () => {
    const all = [started(), data(1, 'a'), final(2, 'z')];
    for (const sent of [...all, ...all]) job.onFrame(sent);
    expect(told).toEqual(['a', 'end - z']);
    expect(ends).toHaveLength(1);
  });

  test('in any order they come out in theirs', () => {
    const shuffled = [final(5, 'e'), data(3, 'c'), started(), data(4, 'd'), head(1), data(2, 'b')];
    for (const sent of shuffled) job.onFrame(sent);
    expect(told).toEqual(['head 200', 'b', 'c', 'd', 'end - e']);
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['one byte', new Uint8Array([FRAME.started])],
    ['a meta longer than the frame', Buffer.concat([Buffer.from([2, 0, 0, 0, 1, 0, 1, 0, 1]), Buffer.from([255, 255, 255, 255])])],
  ])('%s instead of a frame is dropped', (_what, bytes) => {
    job.onFrame(started());
    job.onFrame(bytes);
    job.onFrame(data(1, 'a'));
    expect(told).toEqual(['a']);
  });

  test('a frame whose meta is no JSON fails the request and not the process', () => {
    const bytes = Buffer.from(started());
    bytes.fill(0x7b, 13);
    expect(() => job.onFrame(bytes)).not.toThrow();
    expect(told).toEqual(['fail internal_error']);
  });
});

describe('acknowledging', () => {
  test('happens every 32 frames', () => {
    job.onFrame(started());
    for (let seq = 1; seq <= 64; seq += 1) job.onFrame(data(seq, 'x'));
    expect(acks()).toEqual([31, 63]);
  });

  test('happens every 16 KB', () => {
    job.onFrame(started());
    job.onFrame(data(1, 'x'.repeat(16 * 1024)));
    expect(acks()).toEqual([1]);
  });

  test('waits while the client’s socket takes no more, and is made up for when it drains', () => {
    job.onFrame(started());
    backedUp = true;
    for (let seq = 1; seq <= 100; seq += 1) job.onFrame(data(seq, 'x'));
    expect(acks()).toEqual([]);
    backedUp = false;
    job.acknowledge();
    expect(acks()).toEqual([100]);
  });

  test('is repeated when a worker sends again what arrived: its ack got lost, and a full window sends nothing new', () => {
    job.onFrame(started());
    for (let seq = 1; seq <= 511; seq += 1) job.onFrame(data(seq, 'x'));
    controls.length = 0;
    for (let seq = 0; seq <= 511; seq += 1) job.onFrame(seq === 0 ? started() : data(seq, 'x'));
    expect(acks().at(-1)).toBe(511);
  });

  test('names attempt and delivery, so that it can’t hit another', () => {
    job.onFrame(started({ delivery: 2 }));
    job.onFrame(data(1, 'x'.repeat(20_000), { delivery: 2 }));
    expect(controls).toEqual([{ worker: 'w1', message: { type: 'ack', job: 'job_1', attempt: 1, delivery: 2, seq: 1 } }]);
  });
});

describe('after the link was away', () => {
  test('what arrived is acknowledged again and what is missing asked for', () => {
    job.onFrame(started());
    for (let seq = 1; seq <= 40; seq += 1) job.onFrame(data(seq, 'x'));
    controls.length = 0;
    job.catchUp();
    expect(acks()).toEqual([40]);
    expect(resends()).toEqual([41]);
  });

  test('a queued job and one that is over ask for nothing', () => {
    job.catchUp();
    for (const sent of [started(), final(1)]) job.onFrame(sent);
    job.catchUp();
    expect(controls).toEqual([]);
  });
});

describe('a job that moved', () => {
  test('is queued again for the next candidate, with its reason', () => {
    job.onFrame(started());
    job.onFrame(moved(1, 2));
    expect(job.current).toMatchObject({ attempt: 2, cursor: 1, streamSeq: 72, worker: undefined, startedAt: undefined });
    expect(job.previousError).toBe('upstream_overloaded');
  });

  test('drops whatever the earlier attempt still sends', () => {
    for (const sent of [started(), moved(1, 2), data(2, 'old'), final(3, 'old')]) job.onFrame(sent);
    expect(told).toEqual([]);
    for (const sent of [started({ attempt: 2 }, 'w2'), data(1, 'new', { attempt: 2 }), final(2, '', { attempt: 2 })]) job.onFrame(sent);
    expect(told).toEqual(['new', 'end - ']);
  });

  test('goes on with the next attempt though its move got lost or comes late', () => {
    job.onFrame(started());
    job.onFrame(started({ attempt: 2 }, 'w2', { cursor: 1, streamSeq: 72 }));
    job.onFrame(moved(1, 2));
    job.onFrame(data(1, 'new', { attempt: 2 }));
    expect(told).toEqual(['new']);
    expect(job.current).toMatchObject({ attempt: 2, cursor: 1, streamSeq: 72, worker: 'w2' });
  });

  test('is not set back by an older move', () => {
    job.queuedAgain({ attempt: 3, cursor: 2, streamSeq: 30 });
    job.queuedAgain({ attempt: 2, cursor: 1, streamSeq: 20 });
    expect(job.current).toMatchObject({ attempt: 3, cursor: 2, streamSeq: 30 });
  });
});

describe('a second delivery', () => {
  test('before any content takes the place of the first', () => {
    for (const sent of [started(), head(1)]) job.onFrame(sent);
    for (const sent of [started({ delivery: 2 }, 'w2'), head(1, { delivery: 2 }), data(2, 'new', { delivery: 2 })]) job.onFrame(sent);
    job.onFrame(data(2, 'old'));
    expect(told.filter((one) => !one.startsWith('head'))).toEqual(['new']);
    expect(job.current.worker).toBe('w2');
  });

  test('after content is refused: two beginnings are never joined', () => {
    for (const sent of [started(), data(1, 'first')]) job.onFrame(sent);
    for (const sent of [started({ delivery: 2 }, 'w2'), data(1, 'second', { delivery: 2 }), final(2, 'x', { delivery: 2 })])
      job.onFrame(sent);
    job.onFrame(data(2, ' goes on'));
    expect(told).toEqual(['first', ' goes on']);
  });

  test('a second attempt after content is refused, whether by its frames or by a heartbeat', () => {
    for (const sent of [started(), data(1, 'first')]) job.onFrame(sent);
    job.adopt('w2', 2, 1);
    for (const sent of [started({ attempt: 2 }, 'w2'), data(1, 'second', { attempt: 2 })]) job.onFrame(sent);
    expect(told).toEqual(['first']);
    expect(job.current).toMatchObject({ attempt: 1, worker: 'w1' });
  });
});

describe('a heartbeat of a worker whose start was not seen', () => {
  test('makes it the job’s worker and asks it for its frames', () => {
    job.adopt('w1', 1, 3);
    expect(job.current).toMatchObject({ worker: 'w1', delivery: 3, startedAt: 10_000 });
    expect(controls).toEqual([{ worker: 'w1', message: { type: 'resend', job: 'job_1', attempt: 1, delivery: 3, seq: 0 } }]);
  });

  test('of a later attempt fences the earlier one', () => {
    job.onFrame(started());
    job.adopt('w2', 2, 1);
    job.onFrame(data(1, 'old'));
    expect(told).toEqual([]);
    expect(job.current).toMatchObject({ attempt: 2, worker: 'w2' });
  });
});

test('a job that failed takes no more frames and fails once', () => {
  job.onFrame(started());
  const gone = { code: 'client_gone' } as GatewayError;
  job.fail(gone);
  job.fail(gone);
  job.onFrame(data(1, 'late'));
  job.acknowledge();
  expect(told).toEqual(['fail client_gone']);
  expect(ends).toEqual([gone]);
  expect(controls).toEqual([]);
});
