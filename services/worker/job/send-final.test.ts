import { describe, expect, test } from 'vitest';
import { type CacheSettings, DEFAULT_CACHE, type PriceSettings } from '#config';
import { decodeFrame, FRAME, type FinalMeta, type Frame, frameMeta, GatewayError, type HeadMeta, type JobMeta, NO_USAGE } from '#contracts';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import type { AttemptPlan } from '../attempt/attempt-plan.ts';
import { failedOutcome } from '../attempt/listener-input.ts';
import { createRunningJob } from './running-job.ts';
import { sendFinal } from './send-final.ts';

const plan = { deployment: { id: 'd1', provider: 'sandbox' }, target: { publicBase: 'http://host' }, exchange: {} } as AttemptPlan;

interface Finish {
  readonly costInStreams?: boolean;
  readonly cache?: CacheSettings;
}

function finish(
  change: Partial<AttemptOutcome>,
  planned: AttemptPlan | undefined = plan,
  stream = false,
  { costInStreams = false, cache }: Finish = {},
): Frame[] {
  const frames: Frame[] = [];
  const meta = { id: 'job_1', attempt: 1, cursor: 0, acceptedAt: 1_000, stream, plan: [] as unknown } as JobMeta;
  const job = createRunningJob(meta, 1, (bytes) => {
    const frame = decodeFrame(Buffer.from(bytes));
    frames.push(frame);
    queueMicrotask(() => job.control({ type: 'ack', job: 'job_1', attempt: 1, delivery: 1, seq: frame.seq }));
  });
  const base = failedOutcome({ now: () => 1_900, startedAt: 1_100 }, new GatewayError('internal_error', ''));
  const outcome: AttemptOutcome = { ...base, status: 'success', error: undefined, ...change };
  sendFinal(job, { outcome, usage: NO_USAGE, priced: { cost: undefined, source: 'unknown' } }, planned, {
    prices: { costInStreams } as PriceSettings,
    cache,
  });
  return frames;
}

const last = (frames: Frame[]): FinalMeta => frameMeta<FinalMeta>(frames.at(-1)!);

describe('the end of a job', () => {
  test('of a small answer is one frame with head and body', () => {
    const frames = finish({ answerStatus: 200, body: Buffer.from('{}') });
    expect(frames.map((frame) => frame.kind)).toEqual([FRAME.final]);
    expect(last(frames)).toMatchObject({ head: { status: 200 }, upstreamMs: 800 });
    expect(last(frames).head?.headers['x-headrace-queue-ms']).toBe('100');
  });

  test('of a large answer is cut into frames that NATS takes, and nothing is lost', async () => {
    const body = Buffer.from(Array.from({ length: 900_000 }, (_, index) => index % 251));
    const frames = finish({ answerStatus: 200, body });
    while (frames.at(-1)?.kind !== FRAME.final) await Promise.resolve();
    expect(frames[0]?.kind).toBe(FRAME.head);
    expect(frameMeta<HeadMeta>(frames[0]!).status).toBe(200);
    expect(Math.max(...frames.map((frame) => frame.body.length))).toBeLessThanOrEqual(256 * 1024);
    expect(Buffer.concat(frames.map((frame) => frame.body)).equals(body)).toBe(true);
    expect(last(frames).head).toBeUndefined();
  });

  test('of a stream whose head has left has none', () => {
    expect(last(finish({ answerStatus: undefined, body: Buffer.from('data: [DONE]\n\n') })).head).toBeUndefined();
  });

  test('of a stream tells the cost in a comment behind the last event where the configuration says so, and only in streams of events', () => {
    const done = { body: Buffer.from('data: [DONE]\n\n') };
    const text = (frames: Frame[]): string => Buffer.from(frames.at(-1)!.body).toString();
    const speech = { ...plan, exchange: { relaysContentType: true } } as AttemptPlan;
    expect(text(finish(done, plan, true, { costInStreams: true }))).toBe('data: [DONE]\n\n: headrace-cost source=unknown\n\n');
    expect(text(finish(done, plan, true))).toBe('data: [DONE]\n\n');
    expect(text(finish(done, plan, false, { costInStreams: true }))).toBe('data: [DONE]\n\n');
    expect(text(finish(done, speech, true, { costInStreams: true }))).toBe('data: [DONE]\n\n');
  });

  test('tells what was used where answers are kept, for whoever is given it later', () => {
    const done = { answerStatus: 200, body: Buffer.from('{}') };
    expect(last(finish(done, plan, false, { cache: DEFAULT_CACHE })).usage).toEqual(NO_USAGE);
    expect(last(finish(done)).usage).toBeUndefined();
  });

  test('of a failure carries the error and its status for the ingress to word', () => {
    const final = last(finish({ status: 'failure', error: new GatewayError('upstream_overloaded', 'Busy.', { retryAfterMs: 2_000 }) }));
    expect(final.error).toMatchObject({ code: 'upstream_overloaded', message: 'Busy.', retryAfterMs: 2_000 });
    expect(final.head?.status).toBe(503);
  });

  test('of an attempt that was never planned carries the error alone', () => {
    const frames = finish({ status: 'failure', error: new GatewayError('upstream_auth', 'No key.') }, undefined);
    expect(last(frames)).toMatchObject({ error: { code: 'upstream_auth' } });
  });
});
