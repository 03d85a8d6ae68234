import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeFrame, FRAME, type FrameFields, GatewayError, type HeadMeta, type JobMeta, type WorkerControl } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import { AttemptLane } from '../job/attempt-lane.ts';
import { PendingJob } from '../job/pending-job.ts';

/** Two attempts of one job, frame by frame: the first is number 1, the second 1001. */
let told: string[];
let superseded: number[];
let controls: WorkerControl[];
let ends: (GatewayError | undefined)[];
let job: PendingJob;
let timer: NodeJS.Timeout;

const shown = (what: string, head: HeadMeta | undefined): string =>
  `${what} ${head?.headers['by'] ?? '-'} ${head?.headers['x-headrace-hedged'] ?? '-'}`;

const response: ClientResponse = {
  headSent: false,
  over: false,
  status: 0,
  backedUp: false,
  head: (head) => void told.push(shown('head', head)),
  write: (bytes) => void told.push(Buffer.from(bytes).toString()),
  end: (head, bytes) => void told.push(`${shown('end', head)} ${Buffer.from(bytes ?? []).toString()}`),
  fail: (error, head) => void told.push(`${shown('fail', head)} ${error.code}`),
};

beforeEach(() => {
  [told, superseded, controls, ends] = [[], [], [], []];
  job = new PendingJob({
    meta: { id: 'job_1', attempt: 1, cursor: 0 } as JobMeta,
    response,
    mayBeHedged: true,
    now: () => 10_000,
    control: (_worker, message) => controls.push(message),
    onStarted: () => undefined,
    onHedgeStarted: () => undefined,
    onSuperseded: (_job, lane) => superseded.push(lane.attempt),
    onOver: (_job, error) => ends.push(error),
    onResend: () => undefined,
  });
  job.onFrame(encodeFrame({ ...started(1), attempt: 1, delivery: 1, seq: 0, body: Buffer.from('') }));
  timer = setTimeout(() => undefined, 60_000);
  job.hedge?.wait(timer);
  job.hedge?.begin(new AttemptLane({ attempt: 1001, cursor: 1, queuedAt: 10_000 }));
});
afterEach(() => clearTimeout(timer));

type Part = Pick<FrameFields, 'kind' | 'meta'> & { readonly body?: string; readonly seq?: number; readonly delivery?: number };

const started = (attempt: number): Part => ({ kind: FRAME.started, meta: { worker: `w${attempt}`, deploymentId: 'd', queueMs: 0 } });
const head = (by: string): Part => ({ kind: FRAME.head, meta: { status: 200, headers: { by } } });
const data = (body: string): Part => ({ kind: FRAME.data, body });
const final = (by?: string): Part => ({
  kind: FRAME.final,
  meta: by === undefined ? {} : { head: { status: 200, headers: { by } } },
  body: '.',
});
const failed = (code: 'upstream_error' | 'upstream_overloaded' | 'upstream_bad_request' = 'upstream_error'): Part => ({
  kind: FRAME.final,
  meta: { error: { code, message: '' } },
});
const moved = (attempt: number): Part => ({ kind: FRAME.moved, meta: { attempt, cursor: 1, streamSeq: 7, reason: 'upstream_error' } });

function play(frames: readonly (readonly [number, Part])[]): void {
  const next = new Map([[1, 1]]);
  for (const [attempt, part] of frames) {
    const seq = part.seq ?? next.get(attempt) ?? 0;
    next.set(attempt, seq + 1);
    job.onFrame(encodeFrame({ ...part, attempt, delivery: part.delivery ?? 1, seq, body: Buffer.from(part.body ?? '') }));
  }
}

const A = (part: Part) => [1, part] as const;
const B = (part: Part) => [1001, part] as const;

describe('who has content first answers', () => {
  test.each<[string, (readonly [number, Part])[], string[], number[]]>([
    [
      'the second, with its own head',
      [A(head('a')), B(started(1001)), B(head('b')), B(data('x')), A(data('y')), B(final())],
      ['head b won', 'x', 'end - - .'],
      [1],
    ],
    [
      'the first',
      [B(started(1001)), B(head('b')), A(head('a')), A(data('y')), B(data('x')), A(final())],
      ['head a lost', 'y', 'end - - .'],
      [1001],
    ],
    ['the second, in one piece', [B(started(1001)), B(final('b')), A(final('a'))], ['end b won .'], [1]],
    ['the first, in one piece', [B(started(1001)), A(final('a')), B(final('b'))], ['end a lost .'], [1001]],
    ['the first, before the second has started', [A(final('a')), B(started(1001))], ['end a lost .'], [1001]],
  ])('%s', (_who, frames, expected, losers) => {
    play(frames);
    expect(told).toEqual(expected);
    expect(superseded).toEqual(losers);
    expect(ends).toEqual([undefined]);
  });

  test('frames without content decide nothing', () => {
    play([B(started(1001)), B(head('b')), B(data('')), A(head('a')), A(data(''))]);
    expect(told.join('')).toBe('');
    expect(superseded).toEqual([]);
  });
});

describe('one that fails', () => {
  test.each<[string, (readonly [number, Part])[], string[]]>([
    [
      'leaves the answer to the first',
      [A(head('a')), B(started(1001)), B(failed()), A(data('y')), A(final())],
      ['head a lost', 'y', 'end - - .'],
    ],
    [
      'leaves the answer to the second',
      [A(failed()), B(started(1001)), B(head('b')), B(data('x')), B(final())],
      ['head b won', 'x', 'end - - .'],
    ],
    [
      'leaves the error to the first, which fails too',
      [B(started(1001)), B(failed()), A(failed('upstream_overloaded'))],
      ['fail - failed upstream_overloaded'],
    ],
    [
      'first, is what the client is told when the second fails too',
      [A(failed('upstream_overloaded')), B(started(1001)), B(failed())],
      ['fail - failed upstream_overloaded'],
    ],
    [
      'for the request’s own fault ends both',
      [B(started(1001)), A(failed('upstream_bad_request'))],
      ['fail - failed upstream_bad_request'],
    ],
    [
      'in the middle of its answer ends the stream',
      [B(started(1001)), B(head('b')), B(data('x')), B(failed())],
      ['head b won', 'x', 'fail - won upstream_error'],
    ],
  ])('%s', (_what, frames, expected) => {
    play(frames);
    expect(told).toEqual(expected);
  });

  test('and moves leaves the race open: its next attempt may still answer first', () => {
    play([B(started(1001)), A(moved(2)), [2, started(2)], [2, data('z')]]);
    expect(told).toEqual(['z']);
    expect(superseded).toEqual([1001]);
  });
});

describe('when it is decided', () => {
  test('late frames of the loser are nobody’s, and a start of its is answered with a cancel', () => {
    play([B(started(1001)), B(data('x')), A(data('late')), [2, started(2)], [2, data('later')]]);
    expect(told).toEqual(['x']);
    expect(superseded).toEqual([1, 2]);
  });

  test('the second attempt that had lost can’t come back', () => {
    play([A(data('y')), B(started(1001)), B(data('x')), [1002, started(1002)]]);
    expect(told).toEqual(['y']);
    expect(job.current.attempt).toBe(1);
    expect(superseded).toEqual([1001, 1001, 1002]);
  });

  test('a worker that tells of the loser is told that nobody waits', () => {
    play([B(started(1001)), B(data('x'))]);
    expect([job.lanes.laneFor(1), job.lanes.laneFor(2), job.lanes.laneFor(1001)?.worker]).toEqual([undefined, undefined, 'w1001']);
  });
});

test('a gap in the frames of the second is asked for from its worker', () => {
  play([B(started(1001)), B({ ...data('x'), seq: 3 })]);
  expect(controls).toEqual([{ type: 'resend', job: 'job_1', attempt: 1001, delivery: 1, seq: 1 }]);
  expect(told).toEqual([]);
  play([B({ ...head('b'), seq: 1 }), B({ ...data('w'), seq: 2 })]);
  expect(told).toEqual(['head b won', 'w', 'x']);
});

test('the second attempt that is handed to another worker begins anew', () => {
  play([B(started(1001)), B(head('b')), B({ ...started(1002), delivery: 2, seq: 0 }), B({ ...data('x'), delivery: 2, seq: 1 })]);
  expect(told).toEqual(['x']);
  expect(job.current).toMatchObject({ attempt: 1001, delivery: 2, worker: 'w1002' });
});

test('a second attempt that can’t be made lets the head of the first go', () => {
  play([A(head('a'))]);
  job.hedgeFailed();
  expect(told).toEqual(['head a lost']);
});

test('a client that leaves ends both', () => {
  play([B(started(1001))]);
  job.fail(new GatewayError('client_gone', 'The client closed the connection.'));
  expect(superseded).toEqual([1001]);
});
