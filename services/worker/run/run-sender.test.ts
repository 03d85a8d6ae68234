import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunPart } from '#bus';
import { FRAME, type FinalMeta, type JobMeta, type RunEnd, type RunFacts, type RunPiece, type RunRequest } from '#contracts';
import type { FrameSender } from '../attempt/frame-sender.ts';
import { createRunSender } from './run-sender.ts';

const name = { owner: 'o', group: 'g', job: 'job_1' };
const head = { status: 200, headers: { 'content-type': 'text/event-stream' } };

/** A store in memory that keeps the first of each part, as the stream does. */
function createParts() {
  const parts = new Map<string, RunPart>();
  return {
    parts,
    failures: 0,
    async put(_: typeof name, part: number | 'end', facts: RunFacts, bytes: Uint8Array = new Uint8Array(0)) {
      if (this.failures > 0) {
        this.failures -= 1;
        throw new Error('away');
      }
      if (parts.has(String(part))) return false;
      parts.set(String(part), { name, part: String(part), facts, bytes, streamSeq: parts.size + 1 });
      return true;
    },
    async putRequest(_: typeof name, request: RunRequest, bytes: Uint8Array) {
      if (parts.has('request')) return false;
      parts.set('request', { name, part: 'request', facts: request, bytes, streamSeq: parts.size + 1 });
      return true;
    },
    async lastPart() {
      return parts.get('end') ?? [...parts.values()].at(-1);
    },
    end: () => parts.get('end')?.facts as RunEnd,
    piece: (number: number) => parts.get(String(number))?.facts as RunPiece,
    text: (part: number | 'end') => Buffer.from(parts.get(String(part))?.bytes ?? []).toString(),
  };
}

let store: ReturnType<typeof createParts>;
let overtaken: number;
/** What the prompt was told. */
let told: string[];

beforeEach(() => {
  store = createParts();
  overtaken = 0;
  told = [];
});

function open(meta: Partial<JobMeta> = {}, delivery = 1): FrameSender {
  const job = {
    id: 'job_1',
    attempt: 1,
    run: { group: 'g', live: true },
    acceptedAt: 1,
    deadlineAt: Date.now() + 60_000,
    ...meta,
  } as JobMeta;
  const events = { onRoom: () => undefined, onOvertaken: () => void (overtaken += 1) };
  const asked = () => ({
    request: { v: 1, route: '/v1/chat/completions', lane: 'background', headers: {} } as const,
    body: Buffer.from('{}'),
  });
  const prompt = {
    asked: () => undefined,
    begun: ({ status }: { readonly status: number }) => void told.push(`begun ${status}`),
    answered: (bytes: Uint8Array) => void told.push(Buffer.from(bytes).toString()),
    ended: ({ error }: FinalMeta) => void told.push(`ended ${error?.code ?? 'well'}`),
    endedElsewhere: () => void told.push('ended elsewhere'),
  };
  const log = { warn: () => undefined };
  return createRunSender({ meta: job, name, delivery, asked, prompt, store, now: Date.now, log, ...events });
}

function say(sender: FrameSender, text: string): void {
  sender.send({ kind: FRAME.data, body: Buffer.from(text) });
}

describe('an answer that nobody waits for', () => {
  test('is one end where it is no live stream, however it came', async () => {
    const sender = open({ run: { group: 'g', id: 'mine' } });
    sender.send({ kind: FRAME.head, meta: head });
    say(sender, 'one ');
    sender.send({ kind: FRAME.final, meta: {}, body: Buffer.from('two') });
    await sender.stored?.();
    expect([...store.parts.keys()]).toEqual(['end']);
    expect(store.text('end')).toBe('one two');
    expect(told).toEqual(['begun 200', 'one ', 'two', 'ended well']);
    expect(store.end()).toMatchObject({ state: 'succeeded', head, pieces: 0, id: 'mine', job: 'job_1' });
  });

  test('that streams is there piece by piece, the head with the first, and every byte once', async () => {
    const sender = open();
    sender.send({ kind: FRAME.head, meta: head });
    say(sender, 'a');
    await vi.waitFor(() => expect(store.text(0)).toBe('a'));
    say(sender, 'b');
    say(sender, 'c');
    await vi.waitFor(() => expect(store.text(1)).toBe('bc'));
    sender.send({ kind: FRAME.final, meta: {}, body: Buffer.from('d') });
    await sender.stored?.();
    expect(store.piece(0).head).toEqual(head);
    expect(store.piece(1).head).toBeUndefined();
    expect(store.end()).toMatchObject({ pieces: 2 });
    expect(store.text('end')).toBe('d');
  });

  test('that is too large for one message is pieces, and the rest behind them', async () => {
    const sender = open({ run: { group: 'g' } });
    sender.send({ kind: FRAME.final, meta: { head }, body: Buffer.alloc(900_000, 'x') });
    await sender.stored?.();
    const sizes = [...store.parts.values()].map(({ bytes }) => bytes.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(900_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(512 * 1024);
    expect(store.end().pieces).toBe(sizes.length - 1);
  });

  test('is stored when the store is back', async () => {
    store.failures = 1;
    const sender = open();
    sender.send({ kind: FRAME.final, meta: { head }, body: Buffer.from('late') });
    await sender.stored?.();
    expect(store.text('end')).toBe('late');
    expect(told).toEqual(['late', 'ended well']);
  });

  test.each([
    ['cancelled', 'cancelled'],
    ['queue_timeout', 'expired'],
    ['upstream_error', 'failed'],
  ] as const)('that ended with %s is %s', async (code, state) => {
    const sender = open();
    sender.send({ kind: FRAME.final, meta: { error: { code, message: 'm' } } });
    await sender.stored?.();
    expect(store.end()).toMatchObject({ state, error: { code } });
    // what was asked is there before the end is
    expect([...store.parts.keys()]).toEqual(['request', 'end']);
  });

  test('that ended well keeps nothing of what was asked', async () => {
    const sender = open();
    sender.send({ kind: FRAME.final, meta: {}, body: Buffer.from('fine') });
    await sender.stored?.();
    expect([...store.parts.keys()]).toEqual(['end']);
  });
});

describe('a job that was delivered again', () => {
  test('begins its answer anew behind the pieces of the worker that died', async () => {
    const died = open();
    died.send({ kind: FRAME.head, meta: head });
    say(died, 'half of it');
    await vi.waitFor(() => expect(store.text(0)).toBe('half of it'));
    const next = open({}, 2);
    next.send({ kind: FRAME.head, meta: head });
    say(next, 'all');
    next.send({ kind: FRAME.final, meta: {}, body: Buffer.from(' of it') });
    await next.stored?.();
    expect(store.end()).toMatchObject({ from: 1, state: 'succeeded' });
    const counted = [...store.parts.values()].filter(({ part }) => part === 'end' || Number(part) >= (store.end().from ?? 0));
    expect(Buffer.concat(counted.map(({ bytes }) => bytes)).toString()).toBe('all of it');
  });

  test('is not written to any more by the worker that was slow', async () => {
    const slow = open();
    say(slow, 'a');
    await vi.waitFor(() => expect(store.text(0)).toBe('a'));
    const next = open({}, 2);
    say(next, 'b');
    await vi.waitFor(() => expect(store.piece(1)).toMatchObject({ restart: true, from: 1, delivery: 2 }));
    say(slow, 'c');
    await vi.waitFor(() => expect(overtaken).toBe(1));
    slow.send({ kind: FRAME.final, meta: {} });
    await slow.stored?.();
    expect(store.parts.has('end')).toBe(false);
    expect(told).toEqual(['a', 'b', 'c', 'ended elsewhere']);
  });

  test('has one end, the first', async () => {
    const [one, other] = [open(), open({}, 2)];
    one.send({ kind: FRAME.final, meta: { head }, body: Buffer.from('one') });
    await one.stored?.();
    other.send({ kind: FRAME.final, meta: { head }, body: Buffer.from('other') });
    await other.stored?.();
    expect(store.text('end')).toBe('one');
    expect(overtaken).toBe(1);
    expect(told).toEqual(['one', 'ended well', 'other', 'ended elsewhere']);
  });
});

test('an attempt that goes on with what an earlier one has said adds to its pieces', async () => {
  const first = open();
  first.send({ kind: FRAME.head, meta: head });
  say(first, 'Once upon');
  first.send({ kind: FRAME.moved, meta: { attempt: 2, cursor: 1, streamSeq: 1, reason: 'upstream_error', recovery: 'continue' } });
  await first.stored?.();
  const second = open({ attempt: 2, sentRef: 'job_1.sent.2' });
  say(second, ' a time');
  second.send({ kind: FRAME.final, meta: {} });
  await second.stored?.();
  expect(store.end().from).toBeUndefined();
  expect(store.text(0) + store.text(1) + store.text('end')).toBe('Once upon a time');
});
