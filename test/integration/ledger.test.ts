import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptEvent } from '#contracts';
import { applyAttempts, EVERYBODY, isRefusedData, listAttempts } from '#db';
import { attemptEvent } from './support/attempt-event.ts';
import { useLedger } from './support/use-ledger.ts';

const db = useLedger();

const rows = () => listAttempts(db, { visible: EVERYBODY }, { limit: 1_000 });
const total = async (): Promise<string> => (await db.pool.query('select sum(total_usd)::text as sum from attempts')).rows[0].sum;

describe('an attempt is one row', () => {
  test('a redelivered attempt event is counted once', async () => {
    const event = attemptEvent();
    expect(await applyAttempts(db, [event])).toEqual({ inserted: 1, superseded: 0, duplicates: 0 });
    expect(await applyAttempts(db, [event])).toEqual({ inserted: 0, superseded: 0, duplicates: 1 });
    expect(await total()).toBe('0.00001275');
  });

  test('the same event twice in one batch is counted once', async () => {
    const event = attemptEvent();
    expect(await applyAttempts(db, [event, attemptEvent(), event])).toEqual({ inserted: 2, superseded: 0, duplicates: 1 });
  });

  test('attempts and deliveries of one job are rows of their own', async () => {
    const job = randomUUID();
    const events = [attemptEvent({ job }), attemptEvent({ job, attempt: 2 }), attemptEvent({ job, delivery: 2 })];
    expect(await applyAttempts(db, events)).toMatchObject({ inserted: 3 });
  });

  test('replicas that apply the same events at once count them once and do not deadlock', async () => {
    const events = Array.from({ length: 300 }, () => attemptEvent());
    const outcomes = await Promise.all([events, events.toReversed(), events, events.toReversed()].map((batch) => applyAttempts(db, batch)));
    expect(outcomes.reduce((sum, outcome) => sum + outcome.inserted, 0)).toBe(300);
    expect(await total()).toBe('0.00382500');
  });
});

describe('an estimate gives way to the truth', () => {
  const job = randomUUID();
  const lost = attemptEvent({ job, status: 'lost', cost: undefined, priceSource: 'unknown' });
  const real = attemptEvent({ job });

  test.each([
    ['after it', [[lost], [real]], { inserted: 0, superseded: 1, duplicates: 0 }],
    ['before it', [[real], [lost]], { inserted: 0, superseded: 0, duplicates: 1 }],
    ['before it in one batch', [[], [real, lost]], { inserted: 1, superseded: 0, duplicates: 1 }],
    ['after it in one batch', [[], [lost, real]], { inserted: 1, superseded: 0, duplicates: 1 }],
  ])("a lost row holds the worker's own word when that comes %s", async (_order, [first, second], counts) => {
    await applyAttempts(db, first as AttemptEvent[]);
    expect(await applyAttempts(db, second as AttemptEvent[])).toEqual(counts);
    expect(await rows()).toMatchObject([{ status: 'success', totalUsd: '0.00001275', outputTokens: 7 }]);
  });

  test('a real row is never replaced by another real one', async () => {
    await applyAttempts(db, [real]);
    await applyAttempts(db, [{ ...real, status: 'failure', cost: undefined }]);
    expect(await rows()).toMatchObject([{ status: 'success', supersededEstimate: false }]);
  });
});

describe('what an event says is what the row holds', () => {
  test('every field, exact money and milliseconds', async () => {
    const event = attemptEvent({
      by: {
        keyHash: 'b'.repeat(64),
        keyAlias: 'al',
        teamId: 't',
        userId: 'u',
        endUser: 'e',
        sessionId: 's',
        agent: 'coder',
        tags: ['x', 'y,z'],
      },
      cost: {
        inputUsd: '0.000000000000000001',
        cacheReadUsd: '0',
        cacheWriteUsd: '12345678901.5',
        outputUsd: '0',
        totalUsd: '12345678901.500000000000000001',
      },
      firstTokenAt: Date.UTC(2025, 5, 1, 12, 0, 0, 999),
      upstreamStatus: 200,
      finishReason: 'stop',
      worker: 'worker-abc123',
      apiBase: 'https://api.example.com/v1',
      providerRequestId: 'req_1',
    });
    await applyAttempts(db, [event]);
    const [row] = await rows();
    expect(row).toMatchObject({
      jobId: event.job,
      keyHash: 'b'.repeat(64),
      tags: ['x', 'y,z'],
      agent: 'coder',
      sessionId: 's',
      inputUsd: '0.000000000000000001',
      totalUsd: '12345678901.500000000000000001',
      inputTokens: 40,
      reasoningTokens: 2,
      usageEstimated: false,
      providerRequestId: 'req_1',
      errorCode: null,
    });
    expect(row?.acceptedAt.getTime()).toBe(event.acceptedAt);
    expect(row?.firstTokenAt?.getTime()).toBe(event.firstTokenAt);
  });

  test('every kind of usage and every part of a cost has its column, and the parts add up to the total', async () => {
    const cost = {
      inputUsd: '0.00018',
      cacheReadUsd: '0',
      cacheWriteUsd: '0',
      outputUsd: '0.0001',
      reasoningUsd: '0.00018',
      audioUsd: '0.0004',
      imageUsd: '0.039',
      requestUsd: '0.035000000000000000001',
      totalUsd: '0.074860000000000000001',
    };
    const counts = { inputImageTokens: 1, outputImageTokens: 2, images: 3, characters: 4, searchUnits: 5, webSearches: 6 };
    const words = { imageSize: '1024x1024', imageQuality: 'high', serviceTier: 'flex' };
    const event = attemptEvent({ cost, priceSource: 'file' });
    await applyAttempts(db, [{ ...event, usage: { ...event.usage, ...counts, ...words, audioSeconds: 12.345 } }]);
    const { totalUsd, ...parts } = cost;
    expect(await rows()).toMatchObject([{ ...parts, totalUsd, ...counts, ...words, audioSeconds: '12.345', priceSource: 'file' }]);
    const sum = 'input_usd + cache_read_usd + cache_write_usd + output_usd + reasoning_usd + audio_usd + image_usd + request_usd';
    expect((await db.pool.query(`select ${sum} = total_usd as adds_up from attempts`)).rows).toEqual([{ adds_up: true }]);
  });

  test('text of any kind comes back as it was, but for what Postgres cannot hold', async () => {
    const odd = [
      '',
      'null',
      'NULL',
      '{}',
      '{a,b}',
      'a,b',
      '"',
      '\\',
      '\\"',
      ' a ',
      "o'hara",
      'é😀',
      '\n\t',
      'a\0b',
      '\ud83d',
      '$1',
      '-- x',
    ];
    const texts = [...odd, ...fc.sample(fc.string({ unit: 'binary', maxLength: 20 }), { numRuns: 200, seed: 7 })];
    const events = texts.map((text, at) => attemptEvent({ job: `job-${at}`, errorMessage: text, by: { keyHash: 'k', tags: [text, 'x'] } }));
    await applyAttempts(db, events);
    const held = texts.map((text) => text.replaceAll('\0', '\uFFFD').toWellFormed());
    const found = new Map((await rows()).map((row) => [row.jobId, row]));
    expect(texts.map((_text, at) => found.get(`job-${at}`)?.errorMessage)).toEqual(held);
    expect(texts.map((_text, at) => found.get(`job-${at}`)?.tags)).toEqual(held.map((text) => [text, 'x']));
  });

  test('counts that no column takes do not cost the row', async () => {
    const event = attemptEvent();
    const odd = { images: -1, characters: 1e300, searchUnits: 2.4, audioSeconds: Number.NaN, imageSize: 'x'.repeat(10_000) };
    await applyAttempts(db, [{ ...event, usage: { ...event.usage, ...odd } }]);
    expect(await rows()).toMatchObject([{ images: null, characters: null, searchUnits: 2, audioSeconds: null, reasoningUsd: null }]);
  });

  test('an unknown price is null, not zero', async () => {
    await applyAttempts(db, [attemptEvent({ cost: undefined, priceSource: 'unknown' })]);
    expect(await rows()).toMatchObject([{ totalUsd: null, priceSource: 'unknown' }]);
  });

  test('text that Postgres has no room for does not cost the row', async () => {
    const event = attemptEvent({
      errorMessage: `cut in the middle \ud83d and a NUL \0 ${'x'.repeat(100_000)}`,
      by: { keyHash: 'c'.repeat(64), sessionId: randomText(20_000), tags: ['\0'] },
    });
    expect(await applyAttempts(db, [event])).toMatchObject({ inserted: 1 });
    const [row] = await rows();
    expect(row?.errorMessage).toMatch(/^cut in the middle \uFFFD and a NUL \uFFFD x+$/);
    expect(row?.sessionId).toHaveLength(512);
  });
});

describe('rows that can not be stored', () => {
  test.each([
    ['a price that is no number', { cost: { ...attemptEvent().cost, totalUsd: 'free' } }],
    ['a price that would spoil every sum', { cost: { ...attemptEvent().cost, totalUsd: 'NaN' } }],
    ['a negative price', { cost: { ...attemptEvent().cost, totalUsd: '-1' } }],
    ['half a token', { usage: { ...attemptEvent().usage, outputTokens: 0.5 } }],
    ['a time before the beginning of time', { acceptedAt: Number.MIN_SAFE_INTEGER }],
    ['tags that are no list', { by: { keyHash: 'a', tags: 7 } }],
    ['no key', { by: {} }],
  ])('%s is told apart from a database that is away, and nothing of the batch is stored', async (_name, change) => {
    const bad = { ...attemptEvent(), ...change } as AttemptEvent;
    const error: unknown = await applyAttempts(db, [attemptEvent(), bad]).catch((caught: unknown) => caught);
    expect(isRefusedData(error)).toBe(true);
    expect(await rows()).toHaveLength(0);
  });
});

function randomText(length: number): string {
  return Array.from({ length: length / 36 + 1 }, () => randomUUID())
    .join('')
    .slice(0, length);
}
