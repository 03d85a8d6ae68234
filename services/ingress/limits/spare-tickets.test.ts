import { beforeEach, describe, expect, test } from 'vitest';
import type { AdmissionAsk, AdmissionCall, AdmissionReply } from '#contracts';
import { createSpareTickets, type SpareTickets } from './spare-tickets.ts';

let sent: AdmissionCall[];
let held: Set<string>;
let at: number;
let ids: number;
let spares: SpareTickets;

beforeEach(() => {
  [sent, held, at, ids] = [[], new Set(), 1_000_000, 0];
  spares = createSpareTickets({
    ingress: 'in1',
    send: (call) => void sent.push(call),
    onReady: ({ job }) => void held.add(job),
    onGone: (job) => void held.delete(job),
    newJobId: () => `ahead${(ids += 1)}`,
    now: () => at,
  });
});

const ask = (change: Partial<AdmissionAsk> = {}): AdmissionAsk => ({
  job: 'job',
  by: { keyHash: 'h' },
  modelGroup: 'm',
  candidates: [],
  mostUsd: '0.02',
  inputTokens: 10,
  outputTokens: 20,
  acceptedAt: at,
  deadlineAt: at + 60_000,
  ...change,
});
const take = (times: number, change: Partial<AdmissionAsk> = {}) => Array.from({ length: times }, () => spares.take(ask(change))?.job);
const tick = (): void => {
  at += 250;
  spares.tick();
};
const asked = () => sent.flatMap((call) => (call.type === 'spares' ? [call] : []));
const unused = () => sent.flatMap((call) => (call.type === 'unused' ? [call.jobs] : []));

/** The leader gives the first so many of what was asked for last. */
function give(count: number, heldUsd = '0.02'): void {
  const { batch, jobs } = asked().at(-1) ?? { batch: 0, jobs: [] };
  const ticket = { job: jobs[0] ?? '', heldUsd, inputTokens: 10, outputTokens: 20 };
  const remaining = [
    { kind: 'requests' as const, scope: 'key', limit: '100', remaining: '50' },
    { kind: 'tokens' as const, scope: 'key', limit: '10000', remaining: '5000' },
  ];
  const reply: AdmissionReply = {
    type: 'spares',
    epoch: 1,
    batch,
    given: count,
    ...(count > 0 ? { answer: { job: ticket.job, admitted: true, ticket, remaining } } : {}),
  };
  spares.given(reply);
}

/** Forty calls a second: tickets for the next three. */
function busy(): void {
  take(10);
  tick();
  take(1);
}

describe('tickets ahead of calls', () => {
  test('are asked for where one caller has many calls, and not where calls are few', () => {
    take(5);
    tick();
    take(5);
    expect(asked()).toEqual([]);
    busy();
    expect(asked()).toMatchObject([
      { ingress: 'in1', jobs: ['ahead1', 'ahead2', 'ahead3', 'ahead4', 'ahead5'], like: { mostUsd: '0.02' } },
    ]);
  });

  test('are for calls of the same caller and group alone', () => {
    busy();
    give(4);
    expect(take(1, { by: { keyHash: 'other' } })).toEqual([undefined]);
    expect(take(1, { by: { keyHash: 'h', teamId: 't' } })).toEqual([undefined]);
    expect(take(1, { by: { keyHash: 'h', tags: ['x'] } })).toEqual([undefined]);
    expect(take(1, { by: { keyHash: 'h', endUser: 'e' } })).toEqual([undefined]);
    expect(take(1, { modelGroup: 'other' })).toEqual([undefined]);
    expect(take(1, { by: { keyHash: 'h', sessionId: 's' } })).toEqual(['ahead1']);
  });

  test.each([
    ['costs more', { mostUsd: '0.021' }],
    ['has more input', { inputTokens: 11 }],
    ['may have more output', { outputTokens: 21 }],
    ['may take longer', { deadlineAt: 1_000_000 + 10 * 60_000 }],
    ['is held by the leader', { durable: true }],
    ['has no price', { mostUsd: undefined }],
  ])('are not for a call that %s', (_, change) => {
    busy();
    give(4);
    expect(take(1, change)).toEqual([undefined]);
    expect(take(1)).toEqual(['ahead1']);
  });

  test('are as large as the calls of late', () => {
    take(9);
    take(1, { mostUsd: '0.5', outputTokens: 400 });
    tick();
    take(1);
    expect(asked()).toMatchObject([{ like: { mostUsd: '0.5', inputTokens: 10, outputTokens: 400 } }]);
  });

  test('tell each call what is left behind it', () => {
    busy();
    give(4);
    const left = [0, 1, 2].map(() => spares.take(ask())?.remaining?.map(({ remaining }) => remaining));
    expect(left).toEqual([
      ['50', '5000'],
      ['49', '4970'],
      ['48', '4940'],
    ]);
  });

  test('are held, and given back when no call has come for them in time', () => {
    busy();
    give(4);
    take(1);
    expect([...held]).toEqual(['ahead1', 'ahead2', 'ahead3', 'ahead4']);
    for (let quarter = 0; quarter < 3; quarter += 1) tick();
    expect(unused()).toEqual([['ahead2', 'ahead3', 'ahead4']]);
    expect([...held]).toEqual(['ahead1']);
    expect(take(1)).toEqual([undefined]);
  });

  test('are given back at once when they are recalled, by the name of the recall', () => {
    busy();
    give(4);
    spares.giveBack(7);
    expect(sent.at(-1)).toEqual({ type: 'unused', ingress: 'in1', jobs: ['ahead1', 'ahead2', 'ahead3', 'ahead4'], recall: 7 });
    spares.giveBack(8);
    expect(sent.at(-1)).toEqual({ type: 'unused', ingress: 'in1', jobs: [], recall: 8 });
    expect(held.size).toBe(0);
  });

  test('are not asked for again for a while where there is no plenty', () => {
    busy();
    give(0);
    take(20);
    expect(asked()).toHaveLength(1);
    tick();
    take(20);
    tick();
    take(1);
    expect(asked()).toHaveLength(2);
  });

  test('whose answer is lost are given back, and asked for again', () => {
    busy();
    for (let quarter = 0; quarter < 4; quarter += 1) {
      take(10);
      tick();
    }
    expect(unused()).toEqual([['ahead1', 'ahead2', 'ahead3', 'ahead4']]);
    take(1);
    expect(asked()).toHaveLength(2);
  });

  test('that come after they were given up are nobody’s', () => {
    busy();
    const late = asked()[0]?.batch ?? 0;
    for (let quarter = 0; quarter < 4; quarter += 1) tick();
    spares.given({ type: 'spares', epoch: 1, batch: late, given: 4 });
    expect(held.size).toBe(0);
  });
});
