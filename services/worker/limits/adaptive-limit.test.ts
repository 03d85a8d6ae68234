import { describe, expect, test } from 'vitest';
import { createAdaptiveLimit } from './adaptive-limit.ts';

/** A provider in virtual time: so many calls at a time take their time, more than that take longer, with noise. */
interface Model {
  /** Milliseconds of a call that begins with so many under way. */
  readonly latencyMs: (calls: number) => number;
  readonly overloadedAbove?: number;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Run {
  readonly goodput: number;
  readonly limits: readonly number[];
}

/** Keeps as many calls under way as `limitOf` says, for so long. */
function simulate(model: Model, options: { seconds: number; seed: number; fixed?: number }): Run {
  const random = seeded(options.seed);
  let now = 0;
  const adaptive = createAdaptiveLimit({ now: () => now, highest: 256 });
  const limitOf = () => options.fixed ?? adaptive.limit;
  const underWay: { endsAt: number; startedAt: number; overloaded: boolean }[] = [];
  const limits: number[] = [];
  const begin = (): void => {
    const calls = underWay.length + 1;
    const overloaded = calls > (model.overloadedAbove ?? Infinity);
    const latency = overloaded ? 20 : model.latencyMs(calls) * (0.8 + 0.4 * random());
    adaptive.start();
    underWay.push({ startedAt: now, endsAt: now + latency, overloaded });
  };
  let good = 0;
  const countFrom = (options.seconds * 1_000) / 2;
  while (now < options.seconds * 1_000) {
    while (underWay.length < limitOf()) begin();
    underWay.sort((a, b) => a.endsAt - b.endsAt);
    const call = underWay.shift()!;
    now = call.endsAt;
    const { startedAt, overloaded } = call;
    adaptive.end({ startedAt, overloaded, latencyMs: overloaded ? undefined : now - startedAt });
    if (!overloaded && now > countFrom) good += 1;
    if (now > countFrom) limits.push(adaptive.limit);
  }
  return { goodput: good / (options.seconds / 2), limits };
}

const climbing = (exponent: number): Model => ({ latencyMs: (calls) => 200 * Math.max(1, calls / 16) ** exponent });

function bestOfSweep(model: Model): number {
  return Math.max(
    ...[1, 2, 4, 8, 12, 14, 16, 18, 20, 24, 32, 64, 128].map((fixed) => simulate(model, { seconds: 60, seed: 1, fixed }).goodput),
  );
}

describe('a deployment whose latency climbs above 16 calls at a time', () => {
  test.each([1.5, 2, 3, 4])('is given nearly its best goodput when it climbs with the power of %f', (exponent) => {
    const model = climbing(exponent);
    const best = bestOfSweep(model);
    for (const seed of [1, 2, 3, 4, 5]) {
      const { goodput } = simulate(model, { seconds: 120, seed });
      expect(goodput / best).toBeGreaterThan(0.75);
    }
  });

  test('is not driven far beyond them', () => {
    const { limits } = simulate(climbing(2), { seconds: 120, seed: 7 });
    expect(Math.max(...limits)).toBeLessThan(32);
    expect(Math.min(...limits)).toBeGreaterThan(8);
  });
});

describe('a deployment that refuses more than 24 calls at a time', () => {
  test('is kept near them', () => {
    const model: Model = { latencyMs: () => 200, overloadedAbove: 24 };
    const best = bestOfSweep(model);
    const { goodput, limits } = simulate(model, { seconds: 120, seed: 3 });
    expect(goodput / best).toBeGreaterThan(0.7);
    expect(Math.max(...limits)).toBeLessThanOrEqual(26);
  });
});

describe('the limit', () => {
  test('does not grow while it is not used', () => {
    const adaptive = createAdaptiveLimit({ now: () => 0, highest: 256 });
    for (let call = 0; call < 1_000; call++) {
      adaptive.start();
      adaptive.end({ startedAt: 0, latencyMs: 100, overloaded: false });
    }
    expect(adaptive.limit).toBe(8);
  });

  test('is never less than one and never more than the highest', () => {
    const adaptive = createAdaptiveLimit({ now: () => 0, highest: 20 });
    for (let call = 0; call < 100; call++) {
      adaptive.start();
      adaptive.end({ startedAt: 0, latencyMs: undefined, overloaded: true });
    }
    expect(adaptive.limit).toBe(1);
    const quick = simulate({ latencyMs: () => 50 }, { seconds: 20, seed: 1 });
    expect(Math.max(...quick.limits)).toBe(256);
  });
});
