import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LimitRules } from './limit-rules.ts';
import { correctUse, EMPTY_STATE, holdCalls, type LimitState, refresh, take, type TakeRequest, waitUntil } from './limit-state.ts';
import { marginMs } from './window-log.ts';

const WINDOW_MS = 60_000;
const rules = (limits: Partial<LimitRules>): LimitRules => ({
  requests: undefined,
  tokens: undefined,
  parallel: undefined,
  windowMs: WINDOW_MS,
  ...limits,
});
const request = (seq: number, more: Partial<TakeRequest> = {}): TakeRequest => ({
  worker: 'w1',
  lane: 'live',
  queue: '',
  weight: 8,
  seq,
  tokens: 100,
  ...more,
});

/** Asks as a worker does, and says whether it was granted. */
function asker(limits: LimitRules) {
  let state: LimitState = EMPTY_STATE;
  return {
    ask(at: number, asked: TakeRequest) {
      const [next, result] = take(refresh(state, limits, at), asked, limits, at);
      state = next;
      return result;
    },
    change(edit: (before: LimitState) => LimitState) {
      state = edit(state);
    },
  };
}

describe('requests per minute', () => {
  test('a whole minute’s worth is granted at once, and the next when the first of them has left the window', () => {
    const limit = asker(rules({ requests: 60 }));
    for (let seq = 0; seq < 60; seq++) expect(limit.ask(seq, request(seq)).granted).toBe(true);
    const refused = limit.ask(100, request(60));
    expect(refused).toEqual({ granted: false, retryAt: 59 + WINDOW_MS + marginMs(WINDOW_MS) });
    expect(limit.ask(59 + WINDOW_MS + marginMs(WINDOW_MS), request(60)).granted).toBe(true);
  });

  test('no window ever holds more than the limit, whoever asks when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 8_000 }), { minLength: 20, maxLength: 300 }),
        fc.constantFrom(1, 2, 5),
        (most, gaps, workers) => {
          const limit = asker(rules({ requests: most }));
          const grants: number[] = [];
          let now = 1_000_000;
          for (const [seq, gap] of gaps.entries()) {
            now += gap;
            if (limit.ask(now, request(seq, { worker: `w${seq % workers}` })).granted) grants.push(now);
          }
          for (const from of grants) expect(grants.filter((at) => at >= from && at < from + WINDOW_MS).length).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  test('a high limit is a hundred entries, not one for each request', () => {
    const limit = asker(rules({ requests: 100_000 }));
    for (let at = 0; at < 50_000; at += 1) limit.ask(at, request(at));
    let entries = 0;
    limit.change((state) => {
      entries = state.used.length;
      return state;
    });
    expect(entries).toBeLessThanOrEqual(101);
  });
});

describe('tokens per minute', () => {
  test('are taken by estimate and put right by what a call came to', () => {
    const limit = asker(rules({ tokens: 1_000 }));
    const first = limit.ask(0, request(1, { tokens: 900 }));
    expect(limit.ask(1, request(2, { tokens: 300 })).granted).toBe(false);
    if (!first.granted) throw new Error('refused');
    limit.change((state) => correctUse(state, first.slice, 200 - first.tokens));
    expect(limit.ask(2, request(2, { tokens: 300 })).granted).toBe(true);
  });

  test('a call that is larger than the whole limit has an empty window to itself', () => {
    const limit = asker(rules({ tokens: 1_000 }));
    expect(limit.ask(0, request(1, { tokens: 5_000 })).granted).toBe(true);
    expect(limit.ask(1, request(2, { tokens: 1 })).granted).toBe(false);
  });
});

describe('calls at a time', () => {
  test('are counted over all workers, and a worker that is not heard of any more holds none', () => {
    const limits = rules({ parallel: 3 });
    const limit = asker(limits);
    limit.change((state) => holdCalls(state, 'w1', 2, 0));
    limit.change((state) => holdCalls(state, 'w2', 1, 0));
    expect(limit.ask(100, request(1, { worker: 'w3' })).granted).toBe(false);
    expect(limit.ask(10_001, request(1, { worker: 'w3' })).granted).toBe(true);
  });
});

describe('the line', () => {
  const scarce = rules({ requests: 1 });
  const next = WINDOW_MS + marginMs(WINDOW_MS);

  test('a permit goes to the oldest job of a queue, not to the worker that asks first', () => {
    const limit = asker(scarce);
    limit.ask(0, request(1));
    limit.ask(1, request(2, { worker: 'w1' }));
    limit.ask(2, request(3, { worker: 'w2' }));
    expect(limit.ask(next, request(3, { worker: 'w2' })).granted).toBe(false);
    expect(limit.ask(next, request(2, { worker: 'w1' })).granted).toBe(true);
  });

  test('does not wait for a worker that never comes back', () => {
    const limit = asker(scarce);
    limit.ask(0, request(1));
    limit.ask(1, request(2, { worker: 'dead' }));
    limit.ask(2, request(3, { worker: 'w2' }));
    expect(limit.ask(next + 500, request(3, { worker: 'w2' })).granted).toBe(false);
    expect(limit.ask(next + 2_000, request(3, { worker: 'w2' })).granted).toBe(true);
  });

  test('nobody waits for anybody while there are permits for all', () => {
    const limit = asker(rules({ parallel: 1 }));
    limit.change((state) => holdCalls(state, 'w9', 1, 0));
    limit.ask(1, request(2, { worker: 'w1' }));
    limit.ask(2, request(3, { worker: 'w2' }));
    limit.change((state) => holdCalls(state, 'w9', 0, 3));
    expect(limit.ask(4, request(3, { worker: 'w2' })).granted).toBe(false);
    const roomy = asker(rules({ requests: 2 }));
    roomy.change((state) => waitUntil(state, 10));
    roomy.ask(1, request(2, { worker: 'w1' }));
    expect(roomy.ask(11, request(3, { worker: 'w2' })).granted).toBe(true);
  });

  test('lanes get permits by their weights, and the queues of a lane in turn', () => {
    const limits = rules({ requests: 1 });
    const limit = asker(limits);
    const flows = [
      { worker: 'live', lane: 'live', queue: '', weight: 8 },
      { worker: 'bulk', lane: 'live', queue: '0', weight: 8 },
      { worker: 'batch', lane: 'batch', queue: '', weight: 1 },
    ];
    const counts: Record<string, number> = { live: 0, bulk: 0, batch: 0 };
    const seqs: Record<string, number> = { live: 1, bulk: 100_000, batch: 2 };
    for (let turn = 0; turn < 90; turn++) {
      const at = turn * (next + 200);
      for (const round of [0, 1, 2, 3]) {
        for (const flow of flows) {
          const result = limit.ask(at + round * 30, request(seqs[flow.worker]!, flow));
          if (!result.granted) continue;
          counts[flow.worker]! += 1;
          seqs[flow.worker]! += 1;
        }
      }
    }
    expect(counts).toEqual({ live: 40, bulk: 40, batch: 10 });
  });
});

describe('a pause that the provider asked for', () => {
  test('holds everybody until it is over, and a shorter one does not end it', () => {
    const limit = asker(rules({ requests: 60 }));
    limit.change((state) => waitUntil(waitUntil(state, 5_000), 1_000));
    expect(limit.ask(4_999, request(1))).toEqual({ granted: false, retryAt: 5_000 });
    expect(limit.ask(5_000, request(1)).granted).toBe(true);
  });
});
