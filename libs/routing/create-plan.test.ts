import { describe, expect, test } from 'vitest';
import type { Deployment, RouterSettings } from '#config';
import { createPlan, shuffleByWeight } from './create-plan.ts';

function deployment(id: string, change: Partial<Deployment> = {}): Deployment {
  return { id, provider: `p-${id}`, tier: 'standard', weight: undefined, rpm: undefined, tpm: undefined, ...change } as Deployment;
}

const router: RouterSettings = {
  numRetries: 2,
  retryAfterMs: 0,
  fallbacks: {},
  defaultFallbacks: [],
  maxFallbacks: 5,
  modelGroupAlias: {},
  timeoutMs: 60_000,
  streamTimeoutMs: undefined,
};

const groups: Record<string, readonly Deployment[]> = {
  planner: [deployment('a'), deployment('b')],
  backup: [deployment('c')],
  spare: [deployment('d')],
  lonely: [deployment('e')],
  empty: [],
};
const models = {
  resolve: (model: string) => (Object.hasOwn(groups, model) ? { group: model, deployments: groups[model] ?? [] } : undefined),
};
const plan = (model: string, settings: Partial<RouterSettings> = {}) =>
  createPlan({ model, models, router: { ...router, ...settings }, random: () => 0 })?.map((candidate) => candidate.deploymentId);

describe('a plan', () => {
  test.each<[string, string, Partial<RouterSettings>, string[] | undefined]>([
    ['tries the other deployment of the group before the first again', 'planner', {}, ['a', 'b', 'a']],
    ['has one attempt without retries', 'planner', { numRetries: 0 }, ['a']],
    ['has one attempt for a negative number of retries', 'planner', { numRetries: -3 }, ['a']],
    ['repeats the only deployment of a group', 'lonely', {}, ['e', 'e', 'e']],
    ['goes on with the fallback group', 'planner', { numRetries: 1, fallbacks: { planner: ['backup'] } }, ['a', 'b', 'c', 'c']],
    ['takes fallbacks in the order given', 'lonely', { numRetries: 0, fallbacks: { lonely: ['spare', 'backup'] } }, ['e', 'd', 'c']],
    ['takes the fallbacks of * where the model has none', 'lonely', { numRetries: 0, fallbacks: { '*': ['spare'] } }, ['e', 'd']],
    ['takes the default fallbacks last', 'lonely', { numRetries: 0, defaultFallbacks: ['backup'] }, ['e', 'c']],
    [
      'prefers its own fallbacks to the default ones',
      'lonely',
      { numRetries: 0, fallbacks: { lonely: ['spare'] }, defaultFallbacks: ['backup'] },
      ['e', 'd'],
    ],
    ['never falls back to the model itself', 'lonely', { numRetries: 0, fallbacks: { lonely: ['lonely', 'spare'] } }, ['e', 'd']],
    [
      'leaves out a fallback that nobody serves',
      'lonely',
      { numRetries: 0, fallbacks: { lonely: ['nobody', 'empty', 'spare'] } },
      ['e', 'd'],
    ],
    [
      'takes no more fallback groups than allowed',
      'lonely',
      { numRetries: 0, maxFallbacks: 1, fallbacks: { lonely: ['spare', 'backup'] } },
      ['e', 'd'],
    ],
    ['is none for a model nobody serves', 'nobody', {}, undefined],
    ['is none for a group without deployments', 'empty', {}, undefined],
  ])('%s', (_what, model, settings, expected) => {
    expect(plan(model, settings)).toEqual(expected);
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('works for a model that a client calls %s', (name) => {
    const wildcard = { resolve: (model: string) => ({ group: model, deployments: [deployment('a')] }) };
    expect(createPlan({ model: name, models: wildcard, router, random: () => 0 })).toHaveLength(3);
  });

  test('names the group each candidate was chosen from', () => {
    const made = createPlan({
      model: 'lonely',
      models,
      router: { ...router, numRetries: 0, defaultFallbacks: ['spare'] },
      random: () => 0,
    });
    expect(made?.map((candidate) => candidate.modelGroup)).toEqual(['lonely', 'spare']);
  });
});

describe('the weighted order', () => {
  test('holds every deployment exactly once', () => {
    const list = ['a', 'b', 'c', 'd'].map((id, index) => deployment(id, { weight: index }));
    for (const random of [0, 0.3, 0.7, 0.999_999]) {
      expect(
        shuffleByWeight(list, () => random)
          .map((one) => one.id)
          .toSorted(),
      ).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  test('starts with a deployment as often as its weight says', () => {
    const list = [deployment('heavy', { weight: 9 }), deployment('light', { weight: 1 })];
    const firsts = Array.from({ length: 100 }, (_, index) => shuffleByWeight(list, () => index / 100)[0]?.id);
    expect(firsts.filter((id) => id === 'heavy')).toHaveLength(90);
  });

  test('puts a deployment of weight 0 last', () => {
    const list = [deployment('off', { weight: 0 }), deployment('on', { weight: 1 })];
    for (const random of [0, 0.5, 0.999]) expect(shuffleByWeight(list, () => random)[0]?.id).toBe('on');
  });

  test('goes by weight before rpm before tpm, and takes 1 without any', () => {
    const list = [
      deployment('a', { weight: 0, rpm: 1_000 }),
      deployment('b', { rpm: 0, tpm: 1_000 }),
      deployment('c', { tpm: 0 }),
      deployment('d'),
    ];
    expect(shuffleByWeight(list, () => 0)[0]?.id).toBe('d');
  });
});
