import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRunStore, type RunPart, type RunStore, type StoredCancel, StreamFull } from '#bus';
import type { RunClaim, RunEnd, RunPiece, RunRequest } from '#contracts';
import { waitFor } from '#testing';
import { type NatsBus, startNatsBus } from './support/nats-bus.ts';

const LIMITS = { ttlMs: 3_600_000, maxBytes: 20 * 1024 * 1024 };
let server: NatsBus;
let store: RunStore;

beforeAll(async () => {
  server = await startNatsBus();
  store = await openRunStore(server.bus, LIMITS);
});
afterAll(() => server?.close());

let used = 0;
const newName = (group = 'g') => ({ owner: 'o1', group, job: `job_${String((used += 1)).padStart(4, '0')}` });
const claimOf = (job: string): RunClaim => ({
  v: 1,
  job,
  acceptedAt: 1,
  deadlineAt: 2,
  model: 'm',
  route: '/v1/chat/completions',
  stream: true,
});
const endOf = (job: string, more: Partial<RunEnd> = {}): RunEnd => ({
  v: 1,
  job,
  state: 'succeeded',
  attempt: 1,
  acceptedAt: 1,
  endedAt: 2,
  pieces: 0,
  ...more,
});
const piece = (more: Partial<RunPiece> = {}): RunPiece => ({ v: 1, attempt: 1, delivery: 1, ...more });

describe('a job', () => {
  test('is accepted once, however many try at the same time', async () => {
    const name = newName();
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claim(name, claimOf(name.job))));
    expect(claims.filter((claimed) => claimed !== undefined)).toHaveLength(1);
    expect(await store.claim(name, claimOf(name.job))).toBeUndefined();
    const found = await store.find(name);
    expect(found).toMatchObject({ name, claim: { job: name.job }, streamSeq: claims.find((claimed) => claimed !== undefined) });
  });

  test('is found without its group, by its owner and by whoever may see all, and not by another', async () => {
    const name = newName('hers');
    await store.claim(name, claimOf(name.job));
    for (const owner of ['o1', '*']) expect(await store.find({ ...name, owner, group: '*' })).toMatchObject({ name });
    expect(await store.find({ ...name, owner: 'o2', group: '*' })).toBeUndefined();
  });

  test('has one end, the first', async () => {
    const name = newName();
    expect(await store.put(name, 'end', endOf(name.job), Buffer.from('one'))).toBe(true);
    expect(await store.put(name, 'end', endOf(name.job, { state: 'cancelled' }), Buffer.from('two'))).toBe(false);
    const found = await store.findEnd(name);
    expect(found?.end.state).toBe('succeeded');
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe('one');
  });
});

describe('what was asked', () => {
  const request: RunRequest = { v: 1, route: '/v1/chat/completions', lane: 'background', headers: { 'x-a': 'b' } };

  test('is kept once, byte for byte, and is not found for another owner', async () => {
    const name = newName();
    const body = Buffer.from('{"a":\n"é"}\n');
    expect(await store.findRequest(name)).toBeUndefined();
    expect(await store.putRequest(name, request, body)).toBe(true);
    expect(await store.putRequest(name, request, Buffer.from('other'))).toBe(false);
    const found = await store.findRequest(name);
    expect(found?.request).toEqual(request);
    expect(Buffer.from(found?.body ?? [])).toEqual(body);
    expect(await store.findRequest({ ...name, owner: 'o2' })).toBeUndefined();
  });

  test('is never taken for some of the answer', async () => {
    const name = newName();
    await store.claim(name, claimOf(name.job));
    for (let at = 0; at < 3; at += 1) await store.put(name, at, piece());
    await store.putRequest(name, request, Buffer.from('{}'));
    expect((await store.lastPart(name))?.part).toBe('2');
    await store.put(name, 'end', endOf(name.job, { state: 'failed' }));
    expect((await store.lastPart(name))?.part).toBe('end');
  });
});

describe('an answer', () => {
  test('is its pieces that count, in order, and the rest in its end', async () => {
    const name = newName();
    const head = { status: 200, headers: { a: 'b' } };
    for (let number = 0; number < 40; number += 1) {
      const begins = number === 3 ? { head, restart: true } : {};
      await store.put(name, number, piece({ from: number < 3 ? undefined : 3, ...begins }), Buffer.from(`${number} `));
    }
    const end = endOf(name.job, { pieces: 40, from: 3 });
    const answer = await store.readAnswer(name, end, Buffer.from('end'));
    expect(answer?.head).toEqual(head);
    expect(Buffer.from(answer?.bytes ?? []).toString()).toBe(`${Array.from({ length: 37 }, (_, i) => i + 3).join(' ')} end`);
    expect(await store.readAnswer(name, { ...end, pieces: 41 }, Buffer.from(''))).toBeUndefined();
  });

  test.each([1, 2, 3, 7, 20])('of %i pieces: the last one is found behind a cancel as well', async (count) => {
    const name = newName();
    await store.claim(name, claimOf(name.job));
    expect((await store.lastPart(name))?.part).toBe('claim');
    for (let number = 0; number < count; number += 1) await store.put(name, number, piece());
    expect((await store.lastPart(name))?.part).toBe(String(count - 1));
    await store.cancel(name);
    expect((await store.lastPart(name))?.part).toBe(String(count - 1));
  });

  test('is followed from any place, what is stored and what comes', async () => {
    const name = newName();
    const after = (await store.claim(name, claimOf(name.job))) ?? 0;
    await store.put(name, 0, piece(), Buffer.from('a'));
    const parts: RunPart[] = [];
    const following = await store.follow(name, { after, onPart: (part) => parts.push(part) });
    await store.put(name, 1, piece(), Buffer.from('b'));
    await store.put(name, 'end', endOf(name.job, { pieces: 2 }), Buffer.from('c'));
    await waitFor(() => parts.length === 3, { what: 'all parts' });
    following.close();
    expect(parts.map(({ part, bytes }) => [part, Buffer.from(bytes).toString()])).toEqual([
      ['0', 'a'],
      ['1', 'b'],
      ['end', 'c'],
    ]);
  });
});

test('cancels of jobs and of groups are told to who comes later, and to who is there', async () => {
  const name = newName('cancelled');
  await store.cancel(name);
  await store.cancel(name);
  const seen: StoredCancel[] = [];
  const following = await store.followCancels((cancel) => seen.push(cancel));
  expect(seen.some((cancel) => cancel.group === 'cancelled' && cancel.job === name.job)).toBe(true);
  await store.cancelGroup('o1', 'cancelled');
  await waitFor(() => seen.some((cancel) => cancel.group === 'cancelled' && cancel.job === undefined), { what: 'the cancel of the group' });
  following.close();
});

test('a group’s jobs are listed, the highest ids first', async () => {
  const names = Array.from({ length: 5 }, () => newName('listed'));
  for (const name of names) await store.claim(name, claimOf(name.job));
  expect((await store.list('o1', 'listed', 3)).map(({ job }) => job)).toEqual(
    names
      .map(({ job }) => job)
      .toReversed()
      .slice(0, 3),
  );
  expect(await store.list('o2', 'listed', 3)).toEqual([]);
});

test('no job is accepted when nine tenths are used, and those that were accepted still end', async () => {
  const small = await openRunStore(server.bus, { ...LIMITS, maxBytes: 2 * 1024 * 1024 });
  const accepted = newName('full');
  expect(await small.claim(accepted, claimOf(accepted.job))).toBeDefined();
  const filler = newName('full');
  for (let number = 0; number < 4; number += 1) await small.put(filler, number, piece(), Buffer.alloc(480_000));
  await waitFor(
    async () => {
      const name = newName('full');
      return small.claim(name, claimOf(name.job)).then(
        () => false,
        (error: unknown) => error instanceof StreamFull,
      );
    },
    { what: 'a job to be refused' },
  );
  expect(await small.put(accepted, 'end', endOf(accepted.job), Buffer.from('in time'))).toBe(true);
});
