import { describe, expect, test } from 'vitest';
import type { Lane } from '#contracts';
import { askForJobs } from './ask-for-jobs.ts';
import type { HeldJob } from './held-jobs.ts';
import { createSlots } from './slots.ts';
import type { Source } from './source.ts';

interface Asked {
  readonly name: string;
  readonly ahead: number;
  readonly tries: number;
}

interface QueueNow {
  readonly lane?: Lane;
  readonly bulk?: number;
  readonly queue?: string;
  readonly share?: number;
  readonly window?: number;
  readonly wanted?: number;
  readonly trying?: number;
  readonly held?: number;
  readonly emptyUntil?: number;
  readonly lastJobAt?: number;
}

/** What each queue is asked for, by name. */
function ask(
  queues: Readonly<Record<string, QueueNow>>,
  pool: { slots: number; running?: number; runningIsLive?: boolean; liveReserve?: number },
): Asked[] {
  const asked = new Map<string, { ahead: number; tries: number }>();
  const sources = Object.entries(queues).map(([name, now]): Source => {
    const count = { ahead: 0, tries: 0 };
    asked.set(name, count);
    return {
      route: { lane: now.lane ?? 'live', tier: 't', provider: 'p', bulk: now.bulk, queue: now.queue },
      share: now.share ?? 0.8,
      isLive: (now.lane ?? 'live') === 'live',
      isGated: now.queue !== undefined,
      held: Array.from({ length: now.held ?? 0 }, () => ({ deployment: undefined }) as HeldJob),
      emptyUntil: now.emptyUntil ?? 0,
      window: now.window ?? 1,
      lastJobAt: now.lastJobAt ?? 1_000,
      puller: {
        get wanted() {
          return (now.wanted ?? 0) + count.ahead + count.tries;
        },
        trying: now.trying ?? 0,
        ask: (jobs: number) => void (count.ahead += jobs),
        tryOne: () => void (count.tries += 1),
        stop: () => Promise.resolve(),
        close: () => undefined,
      },
    };
  });
  const taken = createSlots(pool.slots, pool.liveReserve ?? 0, () => undefined);
  for (let index = 0; index < (pool.running ?? 0); index++) taken.occupy({ isLive: pool.runningIsLive ?? true });
  const next = (some: Iterable<Source>) => [...some][0];
  askForJobs({ sources, slots: taken, next, now: 1_000 });
  return [...asked].flatMap(([name, count]) => (count.ahead + count.tries > 0 ? [{ name, ...count }] : []));
}

describe('while slots are plenty', () => {
  test('a queue is asked for what its window says, and an idle one for a job at a time', () => {
    expect(ask({ live: { window: 64 }, batch: { lane: 'batch', share: 0.1 } }, { slots: 1_000 })).toEqual([
      { name: 'live', ahead: 64, tries: 0 },
      { name: 'batch', ahead: 1, tries: 0 },
    ]);
  });

  test('asks again when half of a window has come, not for each job', () => {
    expect(ask({ live: { window: 64, wanted: 40 } }, { slots: 1_000 })).toEqual([]);
    expect(ask({ live: { window: 64, wanted: 32 } }, { slots: 1_000 })).toEqual([{ name: 'live', ahead: 32, tries: 0 }]);
  });

  test('no window is more than the lane’s share of the free slots', () => {
    expect(ask({ live: { window: 1_024 } }, { slots: 100, running: 20 })).toEqual([{ name: 'live', ahead: 64, tries: 0 }]);
  });
});

describe('while slots are few', () => {
  test('each goes to the queue whose turn it is, for a job that is there now', () => {
    expect(ask({ live: {}, bulk: { bulk: 0 }, batch: { lane: 'batch' } }, { slots: 4, running: 3 })).toEqual([
      { name: 'live', ahead: 0, tries: 1 },
    ]);
  });

  test('a queue that was found empty is passed by, and one that is being asked is not asked again', () => {
    const queues = { live: { emptyUntil: 1_010 }, batch: { lane: 'batch' } } as const;
    expect(ask(queues, { slots: 4, running: 3 })).toEqual([{ name: 'batch', ahead: 0, tries: 1 }]);
    expect(ask({ live: { wanted: 1, trying: 1 }, batch: { lane: 'batch' } }, { slots: 4, running: 3 })).toEqual([]);
  });

  test('a try whose answer is overdue keeps no slot', () => {
    const queues = { live: { wanted: 1, trying: 0, lastJobAt: 990 }, batch: { lane: 'batch' } } as const;
    expect(ask(queues, { slots: 4, running: 3 })).toEqual([{ name: 'batch', ahead: 0, tries: 1 }]);
  });

  test('when all are empty, each has a pull open', () => {
    expect(ask({ live: { emptyUntil: 1_010 }, batch: { lane: 'batch', emptyUntil: 1_010 } }, { slots: 4, running: 3 })).toEqual([
      { name: 'live', ahead: 1, tries: 0 },
      { name: 'batch', ahead: 1, tries: 0 },
    ]);
  });

  test('a slot that a held job waits for is no free one', () => {
    expect(ask({ live: {}, batch: { lane: 'batch', held: 1 } }, { slots: 4, running: 3 })).toEqual([]);
  });

  test('what was asked of a queue that has run dry since keeps no slot from the others', () => {
    const batch = { lane: 'batch' } as const;
    expect(ask({ live: { window: 4, wanted: 4, lastJobAt: 990 }, batch }, { slots: 4, running: 1 })).toEqual([]);
    expect(ask({ live: { window: 4, wanted: 4, lastJobAt: 940 }, batch }, { slots: 4, running: 1 })).toEqual([
      { name: 'batch', ahead: 1, tries: 0 },
    ]);
  });

  test('nothing is asked for without a slot', () => {
    expect(ask({ live: {}, gated: { queue: 'd' } }, { slots: 4, running: 4 })).toEqual([]);
  });
});

test('slots that are kept for live jobs are asked for by live queues alone', () => {
  const queues = { live: {}, batch: { lane: 'batch' } } as const;
  expect(ask(queues, { slots: 10, running: 9, runningIsLive: false, liveReserve: 0.1 })).toEqual([{ name: 'live', ahead: 0, tries: 1 }]);
});

test('a queue whose deployment gives permits has one job asked for while none of its waits here', () => {
  expect(ask({ gated: { queue: 'd' } }, { slots: 4 })).toEqual([{ name: 'gated', ahead: 1, tries: 0 }]);
  expect(ask({ gated: { queue: 'd', held: 1 } }, { slots: 4 })).toEqual([]);
  expect(ask({ gated: { queue: 'd', wanted: 1 } }, { slots: 4 })).toEqual([]);
});
