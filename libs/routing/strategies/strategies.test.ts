import { describe, expect, test } from 'vitest';
import { parseConfig } from '#config';
import { createPricer } from '#pricing';
import type { CostOf } from '../prices/group-prices.ts';
import { countFirsts, NOW, testDeployment, testPlanner, testStatus } from '../test-planning.ts';

const PLANS = 3_000;
const [a, b, c] = ['a', 'b', 'c'].map((id) => testDeployment(id)) as [
  ReturnType<typeof testDeployment>,
  ReturnType<typeof testDeployment>,
  ReturnType<typeof testDeployment>,
];

/** Five standard deviations of a share: a fair shuffle is further off once in two million runs. */
const tolerance = (share: number): number => 5 * Math.sqrt(PLANS * share * (1 - share));

function expectShares(counts: Record<string, number>, shares: Readonly<Record<string, number>>): void {
  for (const [id, share] of Object.entries(shares)) {
    expect(Math.abs((counts[id] ?? 0) - PLANS * share), `${id}: ${counts[id]} of ${PLANS}`).toBeLessThanOrEqual(tolerance(share));
  }
}

describe('simple-shuffle', () => {
  test.each<[string, Parameters<typeof testDeployment>[1][], number[]]>([
    ['gives equal deployments equal shares', [{}, {}, {}], [1 / 3, 1 / 3, 1 / 3]],
    ['goes by weight', [{ weight: 7 }, { weight: 2 }, { weight: 1 }], [0.7, 0.2, 0.1]],
    ['goes by rpm without weights', [{ rpm: 900 }, { rpm: 100 }, { weight: 0 }], [0.9, 0.1, 0]],
    ['goes by tpm without both', [{ tpm: 3_000 }, { tpm: 1_000 }], [0.75, 0.25]],
    [
      'prefers weight to rpm and rpm to tpm',
      [
        { weight: 1, rpm: 9_999 },
        { rpm: 3, tpm: 9_999 },
      ],
      [0.25, 0.75],
    ],
  ])('%s', (_what, changes, shares) => {
    const deployments = changes.map((change, at) => testDeployment(`d${at}`, change));
    const planner = testPlanner({ group: deployments });
    expectShares(countFirsts(planner.ids, PLANS), Object.fromEntries(shares.map((share, at) => [`d${at}`, share])));
  });

  test('draws the second without putting the first back', () => {
    const planner = testPlanner({
      group: [testDeployment('a', { weight: 8 }), testDeployment('b', { weight: 1 }), testDeployment('c', { weight: 1 })],
    });
    const seconds = countFirsts(() => planner.ids()?.slice(1), PLANS);
    // after a (0.8) both others are equal; after b or c (0.1 each) a is drawn with 8/9
    expectShares(seconds, { a: 0.2 * (8 / 9), b: 0.8 / 2 + 0.1 / 9, c: 0.8 / 2 + 0.1 / 9 });
    for (let i = 0; i < 100; i += 1) expect(new Set(planner.ids()).size).toBe(3);
  });

  test('puts a weight of 0 last, and still has it', () => {
    const planner = testPlanner({ group: [testDeployment('off', { weight: 0 }), a, b] });
    for (let i = 0; i < 200; i += 1) expect(planner.ids()?.[2]).toBe('off');
  });
});

describe('least-busy', () => {
  const busy = (loads: Record<string, number>) => {
    const planner = testPlanner({ group: [a, b, c] }, { routing: { strategy: 'least-busy' } });
    planner.board.apply(testStatus('w1', Object.fromEntries(Object.entries(loads).map(([id, inFlight]) => [id, { inFlight }]))));
    return planner;
  };

  test('goes by the calls under way, of all workers together', () => {
    const planner = busy({ a: 3, b: 1, c: 2 });
    expect(planner.ids()).toEqual(['b', 'c', 'a']);
    planner.board.apply(testStatus('w2', { b: { inFlight: 4 } }));
    expect(planner.ids()).toEqual(['c', 'a', 'b']);
  });

  test('shares among equals', () => {
    const planner = busy({ a: 1, b: 1, c: 2 });
    expectShares(countFirsts(planner.ids, PLANS), { a: 0.5, b: 0.5, c: 0 });
  });

  test('spreads a burst, though no worker has told of it yet', () => {
    const planner = busy({ a: 2, b: 0, c: 0 });
    const counts: Record<string, number> = { a: 2, b: 0, c: 0 };
    for (let job = 0; job < 28; job += 1) {
      const first = planner.ids()?.[0] ?? '';
      planner.board.expect(`job-${job}`, first, 0);
      counts[first] = (counts[first] ?? 0) + 1;
    }
    expect(counts).toEqual({ a: 10, b: 10, c: 10 });
  });
});

describe('latency-based-routing', () => {
  const planner = (latencies: Record<string, object>, latencyBuffer = 0) => {
    const made = testPlanner({ group: [a, b, c] }, { routing: { strategy: 'latency-based-routing', latencyBuffer } });
    made.board.apply(testStatus('w1', latencies));
    return made;
  };

  test('goes by the time per token, and for streams by the time to the first', () => {
    const made = planner({
      a: { msPerToken: 5, firstTokenMs: 900 },
      b: { msPerToken: 9, firstTokenMs: 100 },
      c: { msPerToken: 7, firstTokenMs: 500 },
    });
    expect(made.ids()).toEqual(['a', 'c', 'b']);
    expect(made.ids({ stream: true })).toEqual(['b', 'c', 'a']);
  });

  test('shares among those within the buffer of the fastest', () => {
    const latencies = { a: { msPerToken: 10 }, b: { msPerToken: 12 }, c: { msPerToken: 13 } };
    expectShares(countFirsts(planner(latencies, 0.25).ids, PLANS), { a: 0.5, b: 0.5, c: 0 });
    expectShares(countFirsts(planner(latencies).ids, PLANS), { a: 1, b: 0, c: 0 });
  });

  test('tries one that nobody has measured, with one request at a time', () => {
    const made = planner({ a: { msPerToken: 10 }, b: { msPerToken: 20 } });
    expect(made.ids()?.[0]).toBe('c');
    made.board.expect('job', 'c', 0);
    expect(made.ids()).toEqual(['a', 'b', 'c']);
    made.board.ended('job');
    made.board.apply(testStatus('w2', { c: { samples: 0, errors: 1 } }));
    expect(made.ids()).toEqual(['a', 'b', 'c']);
  });

  test('weighs what several workers have measured by how much they have', () => {
    const made = planner({ a: { msPerToken: 10, samples: 9 }, b: { msPerToken: 12, samples: 10 }, c: { msPerToken: 11, samples: 10 } });
    made.board.apply(testStatus('w2', { a: { msPerToken: 30, samples: 1 } }));
    expect(made.board.loadOf('a').msPerToken).toBeCloseTo((9 * 10 + 30) / 10);
    expect(made.ids()?.[0]).toBe('c');
  });

  test('forgets a measurement after its time', () => {
    const made = planner({ a: { msPerToken: 10 }, b: { msPerToken: 20 }, c: { msPerToken: 15 } });
    made.clock.now = NOW + 3_600_001;
    made.board.apply(
      testStatus('w1', { a: { msPerToken: 10, measuredAt: NOW }, b: { msPerToken: 20, measuredAt: made.clock.now } }, made.clock.now),
    );
    expect(new Set(made.ids()?.slice(0, 2))).toEqual(new Set(['a', 'c']));
  });
});

describe.each(['usage-based-routing', 'usage-based-routing-v2'] as const)('%s', (strategy) => {
  const limited = [testDeployment('a', { tpm: 1_000, rpm: 10 }), testDeployment('b', { tpm: 1_000, rpm: 10 }), testDeployment('c')];
  const planner = (usage: Record<string, object>) => {
    const made = testPlanner(
      { group: limited, backup: [testDeployment('d')] },
      { routing: { strategy }, router: { numRetries: 1, fallbacks: { group: ['backup'] } } },
    );
    made.board.apply(testStatus('w1', usage));
    return made;
  };

  test('goes by the tokens of the minute', () => {
    expect(
      planner({ a: { tokens: 500 }, b: { tokens: 300 }, c: { tokens: 400 } })
        .ids()
        ?.slice(0, 2),
    ).toEqual(['b', 'c']);
  });

  test('puts deployments behind the fallbacks whose requests or tokens are used up', () => {
    expect(planner({ a: { requests: 10 }, b: { tokens: 1_000 }, c: { tokens: 9_999 } }).ids()).toEqual(['c', 'c', 'd', 'd', 'a', 'b']);
  });

  test('counts the input of the request itself', () => {
    const made = planner({ a: { tokens: 900 }, b: { tokens: 950 }, c: { tokens: 5_000 } });
    expect(made.ids()?.[0]).toBe('a');
    expect(made.ids({ fields: { prompt: 'x'.repeat(4 * 200) } })?.[0]).toBe('c');
  });

  test('counts the input of its own requests that no worker has told of yet', () => {
    const made = planner({ a: { tokens: 100 }, b: { tokens: 200 }, c: { tokens: 5_000 } });
    made.board.expect('job', 'a', 150);
    expect(made.ids()?.[0]).toBe('b');
  });

  test('counts its own requests that no worker has told of yet', () => {
    const made = planner({ c: { tokens: 5_000 } });
    for (let job = 0; job < 20; job += 1) made.board.expect(`job-${job}`, made.ids()?.[0] ?? '', 1);
    expect([made.board.loadOf('a').expected, made.board.loadOf('b').expected]).toEqual([10, 10]);
    expect(made.ids()?.[0]).toBe('c');
  });

  test('begins again with the next minute', () => {
    const made = planner({ a: { requests: 10 }, b: { requests: 10 }, c: { tokens: 9_999 } });
    made.clock.now = NOW + 60_000;
    expect(new Set(made.ids())).toEqual(new Set(['a', 'b', 'c', 'd']));
    expect(new Set(countsOf(() => made.ids()))).toEqual(new Set(['a', 'b', 'c']));
  });

  test('waits in the queue of one that is used up when there is nothing else', () => {
    const made = testPlanner({ group: limited.slice(0, 2) }, { routing: { strategy }, random: () => 0 });
    made.board.apply(testStatus('w1', { a: { requests: 10, tokens: 5 }, b: { requests: 10 } }));
    expect(made.ids()).toEqual(['b', 'a', 'b']);
  });
});

function countsOf(ids: () => readonly string[] | undefined): string[] {
  return Object.keys(countFirsts(ids, 300));
}

describe('limits with another strategy', () => {
  const full = (routing: object) => {
    const made = testPlanner({ group: [testDeployment('a', { rpm: 5, weight: 1_000 }), b] }, { routing });
    made.board.apply(testStatus('w1', { a: { requests: 5 } }));
    return made.ids()?.[0];
  };

  test('count when pre-call checks are on', () => {
    expect(full({ checkLimits: true })).toBe('b');
    expect(full({ strategy: 'latency-based-routing' })).toBe('b');
    expect(full({})).toBe('a');
  });
});

describe('cost-based-routing', () => {
  const usd =
    (input: number, output: number, cached = input): CostOf =>
    (_deployment, usage) => {
      const { inputTokens, cacheReadTokens, outputTokens } = usage;
      return (inputTokens - cacheReadTokens) * input + cacheReadTokens * cached + outputTokens * output;
    };
  const PRICES: Readonly<Record<string, CostOf>> = { a: usd(1e-6, 10e-6), b: usd(3e-6, 3e-6), c: () => undefined };
  const costOf: CostOf = (deployment, usage, at) => PRICES[deployment.id]?.(deployment, usage, at);
  const text = (tokens: number) => ({ prompt: 'few '.repeat(tokens) });

  test('takes the cheapest for the request: its input and the output it will probably have; unknown prices last', () => {
    const planner = testPlanner({ group: [c, a, b] }, { routing: { strategy: 'cost-based-routing' }, costOf });
    expect(planner.ids({ fields: { ...text(7_000), max_tokens: 100 } })).toEqual(['a', 'b', 'c']);
    expect(planner.ids({ fields: { ...text(100), max_tokens: 100 } })).toEqual(['b', 'a', 'c']);
  });

  test('takes the output that answers have had for probable, but never more than was asked for', () => {
    const planner = testPlanner({ group: [a, b] }, { routing: { strategy: 'cost-based-routing' }, costOf });
    // a saves 7,000 × $2 per million on the input and loses $7 per million on the output: even at 2,000 tokens
    expect(planner.ids({ fields: text(7_000) })?.[0]).toBe('a');
    planner.board.apply(testStatus('w1', { a: { outputTokens: 4_000 }, b: { outputTokens: 4_000 } }));
    expect(planner.ids({ fields: text(7_000) })?.[0]).toBe('b');
    expect(planner.ids({ fields: { ...text(7_000), max_tokens: 500 } })?.[0]).toBe('a');
  });

  test('shares among equal prices', () => {
    const planner = testPlanner({ group: [a, b] }, { routing: { strategy: 'cost-based-routing' }, costOf: usd(0, 0) });
    expectShares(countFirsts(planner.ids, PLANS), { a: 0.5, b: 0.5 });
  });

  test('stays where the beginning of the prompt is cached, for as long as caches hold', () => {
    const cached: Readonly<Record<string, CostOf>> = { a: usd(3e-6, 3e-6, 0.3e-6), b: usd(2.9e-6, 3e-6) };
    const planner = testPlanner(
      { group: [a, b] },
      { routing: { strategy: 'cost-based-routing' }, costOf: (deployment, usage, at) => cached[deployment.id]?.(deployment, usage, at) },
    );
    const opening = { messages: [{ role: 'user', content: 'few '.repeat(10_000) }] };
    const later = { messages: [...opening.messages, { role: 'assistant', content: 'yes' }, { role: 'user', content: 'and?' }] };
    expect(planner.ids({ fields: opening })?.[0]).toBe('b');
    planner.state.prices.sent('a', planner.factsOf({ fields: opening }), NOW);
    expect(planner.ids({ fields: later })?.[0]).toBe('a');
    planner.clock.now = NOW + 300_001;
    expect(planner.ids({ fields: later })?.[0]).toBe('b');
  });

  test('goes by the prices of the configuration', () => {
    const text = `
model_list:
  - { model_name: group, litellm_params: { model: openai/dear, input_cost_per_token: 0.00001, output_cost_per_token: 0.00001 }, model_info: { id: dear } }
  - { model_name: group, litellm_params: { model: openai/cheap, input_cost_per_token: 0.000001, output_cost_per_token: 0.000001 }, model_info: { id: cheap } }
`;
    const { deployments } = parseConfig(text, { file: 'config.yaml', env: {}, providers: new Set(['openai']) });
    const pricer = createPricer();
    const planner = testPlanner(
      { group: deployments },
      {
        routing: { strategy: 'cost-based-routing' },
        costOf: ({ prices, upstreamModel }, usage, at) => {
          const { cost } = pricer.price({ deployment: { prices, pricesAs: undefined, upstreamModel, baseModel: undefined }, usage, at });
          return cost && Number(cost.totalUsd);
        },
      },
    );
    expect(planner.ids()?.slice(0, 2)).toEqual(['cheap', 'dear']);
  });
});
