import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AdmissionAnswer, type AdmissionAsk, type AdmissionCall, type AdmissionReply, GatewayError, type Refusal } from '#contracts';
import { type AdmissionClient, createAdmissionClient } from './admission-client.ts';

let sent: AdmissionCall[];
let reply: (message: AdmissionReply) => void;
let isHeard: boolean;
let stops: string[];
let spareIds = 0;
let client: AdmissionClient;

const REFUSAL: Refusal = { kind: 'requests', scope: 'key', id: 'h', limit: '1', used: '1' };

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  sent = [];
  isHeard = true;
  stops = [];
  client = createAdmissionClient({
    ingressId: 'in1',
    newJobId: () => `spare${(spareIds += 1)}`,
    link: {
      send: (call) => void sent.push(call),
      sendAndLook: async (call) => {
        sent.push(call);
        return isHeard;
      },
      listen: (handler) => {
        reply = handler;
        return () => undefined;
      },
    },
    now: Date.now,
    onStop: (job) => void stops.push(job),
  });
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

const ask = (job: string, change: Partial<AdmissionAsk> = {}): AdmissionAsk => ({
  job,
  by: { keyHash: 'h' },
  modelGroup: 'm',
  candidates: [],
  inputTokens: 1,
  outputTokens: 2,
  acceptedAt: Date.now(),
  deadlineAt: Date.now() + 60_000,
  ...change,
});
const yes = (job: string, heldUsd = '1'): AdmissionAnswer => ({
  job,
  admitted: true,
  ticket: { job, heldUsd, inputTokens: 1, outputTokens: 2 },
});
const answer = (...answers: AdmissionAnswer[]): void => reply({ type: 'answers', epoch: 7, answers });
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const asked = (): string[][] => sent.flatMap((call) => (call.type === 'ask' ? [call.asks.map(({ job }) => job)] : []));
const released = (): string[] => sent.flatMap((call) => (call.type === 'release' ? call.jobs : []));
const beats = () => sent.filter((call) => call.type === 'beat');
const openIn = (beat: AdmissionCall | undefined): string[] => (beat?.type === 'beat' ? beat.open.map(({ job }) => job) : []);

async function admit(job: string): Promise<void> {
  const admitted = client.ask(ask(job));
  await after(1);
  answer(yes(job));
  await admitted;
}

describe('asks', () => {
  test('of one turn of the event loop leave in one message', async () => {
    void client.ask(ask('a'));
    void client.ask(ask('b'));
    await after(1);
    void client.ask(ask('c'));
    await after(1);
    expect(asked()).toEqual([['a', 'b'], ['c']]);
  });

  test('are answered each by its name, refused or admitted', async () => {
    const [a, b] = [client.ask(ask('a')), client.ask(ask('b'))];
    answer({ job: 'b', admitted: false, refusal: REFUSAL }, yes('a'));
    expect(await a).toMatchObject({ admitted: true });
    expect(await b).toMatchObject({ admitted: false, refusal: REFUSAL });
    expect(client.open).toBe(1);
  });

  test('that are not answered are sent again every second, answered ones not', async () => {
    void client.ask(ask('a'));
    void client.ask(ask('b'));
    await after(10);
    answer(yes('b'));
    await after(2_600);
    expect(asked()).toEqual([['a', 'b'], ['a'], ['a']]);
  });

  test('go to a new leader at once, behind a beat with all that is held', async () => {
    await admit('a');
    void client.ask(ask('b'));
    await after(1);
    sent = [];
    reply({ type: 'lead', epoch: 8 });
    await after(1);
    expect(sent.map(({ type }) => type)).toEqual(['beat', 'ask']);
    expect(sent[0]).toMatchObject({ epoch: 8, open: [{ job: 'a', heldUsd: '1', by: { keyHash: 'h' }, modelGroup: 'm' }] });
    expect(asked()).toEqual([['b']]);
  });

  test('are refused with 503 and a wait when nobody leads for 10 s', async () => {
    isHeard = false;
    const refused = client.ask(ask('a')).catch((error: unknown) => error);
    await after(10_000);
    expect(client.open).toBe(0);
    expect(asked().length).toBeGreaterThan(8);
    await after(2_000);
    expect(await refused).toMatchObject({ code: 'service_unavailable', retryAfterMs: 2_000 });
  });

  test('that a leader keeps waiting for others to settle wait on, up to their deadline', async () => {
    const waiting = client.ask(ask('a', { deadlineAt: Date.now() + 30_000 })).catch((error: unknown) => error);
    await after(29_000);
    expect(released()).toEqual([]);
    await after(2_000);
    expect(await waiting).toMatchObject({ code: 'queue_timeout' });
    expect(released()).toEqual(['a']);
  });

  test('whose client has left are taken back, and so is an answer that comes all the same', async () => {
    const gone = client.ask(ask('a')).catch((error: unknown) => error);
    client.withdraw('a', new GatewayError('client_gone', 'gone'));
    expect(await gone).toMatchObject({ code: 'client_gone' });
    await after(1);
    expect(sent.map(({ type }) => type)).toEqual(['ask', 'release']);
    answer(yes('a'));
    await after(1);
    expect(released()).toEqual(['a', 'a']);
    expect(client.open).toBe(0);
  });
});

describe('what is held', () => {
  test('is told every second', async () => {
    await admit('a');
    await after(3_000);
    expect(beats().map(openIn)).toEqual([['a'], ['a'], ['a']]);
  });

  test('fits into messages, however much it is', async () => {
    const jobs = Array.from({ length: 1_200 }, (_, index) => `job${index}`);
    const all = jobs.map((job) => client.ask(ask(job)));
    await after(1);
    answer(...jobs.map((job) => yes(job)));
    await Promise.all(all);
    await after(999);
    expect(asked().map((list) => list.length)).toEqual([500, 500, 200]);
    expect(beats().flatMap(openIn).toSorted()).toEqual(jobs.toSorted());
  });

  test('is not told by an ingress that holds nothing', async () => {
    await after(60_000);
    expect(beats()).toEqual([]);
    await admit('a');
    client.ended('a', { settled: true, started: true });
    await after(60_000);
    expect(beats().length).toBeLessThan(20);
    expect(openIn(beats().at(-1))).toEqual([]);
  });

  test('for a job with an outcome is left to that outcome', async () => {
    await admit('a');
    client.ended('a', { settled: true, started: true });
    await after(60_000);
    expect(released()).toEqual([]);
  });

  test('for a job that never began is given back at once', async () => {
    await admit('a');
    client.ended('a', { settled: false, started: false });
    await after(600);
    expect(released()).toEqual(['a']);
  });

  test('for a call that was cancelled waits for its outcome, and is given back when none comes', async () => {
    await admit('a');
    client.ended('a', { settled: false, started: true });
    await after(4_000);
    expect(released()).toEqual([]);
    expect(openIn(beats().at(-1))).toEqual(['a']);
    await after(3_000);
    expect(released()).toEqual(['a']);
  });

  test('grows with what the leader says of a running job', async () => {
    await admit('a');
    answer(yes('a', '2.5'));
    await after(1_000);
    expect(beats().at(-1)).toMatchObject({ open: [{ job: 'a', heldUsd: '2.5' }] });
  });

  test('says nothing of jobs that were never limited', () => {
    client.ended('unknown', { settled: false, started: false });
    expect(client.open).toBe(0);
  });
});

describe('a leader', () => {
  test('may stop jobs', () => {
    reply({ type: 'stop', epoch: 7, jobs: [{ job: 'a', refusal: REFUSAL }] });
    expect(stops).toEqual(['a']);
  });

  test('that has been replaced is not listened to', async () => {
    const waiting = client.ask(ask('a'));
    reply({ type: 'lead', epoch: 9 });
    answer({ job: 'a', admitted: false, refusal: REFUSAL });
    reply({ type: 'stop', epoch: 8, jobs: [{ job: 'x', refusal: REFUSAL }] });
    expect(stops).toEqual([]);
    reply({ type: 'answers', epoch: 9, answers: [yes('a')] });
    expect(await waiting).toMatchObject({ admitted: true });
  });
});
