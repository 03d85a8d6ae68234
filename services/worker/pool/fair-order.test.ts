import { describe, expect, test } from 'vitest';
import type { Lane } from '#contracts';
import { createQueueOrder } from './fair-order.ts';

const weights = { live: 8, background: 1, batch: 1 } as const;
const queue = (name: string, lane: Lane) => ({ name, route: { lane } });
type Queue = ReturnType<typeof queue>;
const live = queue('live', 'live');
const bulk = queue('bulk', 'live');
const background = queue('background', 'background');
const batch = queue('batch', 'batch');

function serve(order: ReturnType<typeof createQueueOrder<Queue>>, queues: readonly Queue[], turns: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < turns; turn++) {
    const next = order.next(queues)!;
    order.started(next);
    counts[next.name] = (counts[next.name] ?? 0) + 1;
  }
  return counts;
}

describe('queues that all have jobs', () => {
  test('share by the weights of their lanes, and within a lane alike', () => {
    expect(serve(createQueueOrder(weights), [live, bulk, background, batch], 1_000)).toEqual({
      live: 400,
      bulk: 400,
      background: 100,
      batch: 100,
    });
    expect(serve(createQueueOrder(weights), [live, batch], 900)).toEqual({ live: 800, batch: 100 });
  });
});

describe('a queue that was empty', () => {
  test('is next as soon as it has a job, and is not paid for the time it had none', () => {
    const order = createQueueOrder<Queue>(weights);
    serve(order, [batch], 1_000);
    expect(order.next([batch, live])).toBe(live);
    const counts = serve(order, [batch, live], 90);
    expect(counts['batch']).toBeGreaterThanOrEqual(9);
    serve(order, [bulk], 1_000);
    expect(order.next([bulk, live])).toBe(live);
  });

  test('leaves everything to the others', () => {
    expect(serve(createQueueOrder(weights), [batch], 10)).toEqual({ batch: 10 });
    expect(createQueueOrder(weights).next([])).toBeUndefined();
  });
});
