import { describe, expect, test } from 'vitest';
import type { Deployment, RouterSettings } from '#config';
import { GatewayError } from '#contracts';
import { createPlan } from './create-plan.ts';
import { NOW, ROUTER, ROUTING, testDeployment as deployment, testPlanner } from './test-planning.ts';

const groups: Record<string, readonly Deployment[]> = {
  planner: [deployment('a'), deployment('b')],
  backup: [deployment('c')],
  spare: [deployment('d')],
  lonely: [deployment('e')],
  empty: [],
};
const plan = (model: string, router: Partial<RouterSettings> = {}) => testPlanner(groups, { router, random: () => 0 }).ids({ model });

describe('a plan', () => {
  test.each<[string, string, Partial<RouterSettings>, string[] | undefined]>([
    ['tries the other deployment of the group before the first again', 'planner', {}, ['a', 'b', 'a']],
    ['has one place without retries', 'lonely', { numRetries: 0 }, ['e']],
    ['has one place for a negative number of retries', 'lonely', { numRetries: -3 }, ['e']],
    ['has spare deployments beyond the retries', 'planner', { numRetries: 0 }, ['a', 'b']],
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

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('works for a model that a client calls %s', (model) => {
    const { state, factsOf } = testPlanner({});
    const models = { resolve: (name: string) => ({ group: name, deployments: [deployment('a')] }) };
    const facts = factsOf({});
    expect(createPlan({ model, models, router: ROUTER, routing: ROUTING, state, facts, now: NOW, random: () => 0 })).toHaveLength(3);
  });

  test('names the group each candidate was chosen from', () => {
    const made = testPlanner(groups, { router: { numRetries: 0, defaultFallbacks: ['spare'] } }).plan({ model: 'lonely' });
    expect(made?.map((candidate) => candidate.modelGroup)).toEqual(['lonely', 'spare']);
  });
});

describe('a plan for the only deployments that can serve a request', () => {
  const router = { fallbacks: { planner: ['backup', 'spare'] } };
  const only = (...ids: string[]) => testPlanner(groups, { router, random: () => 0 }).ids({ model: 'planner', only: new Set(ids) });

  test('has no other, in the group or its fallbacks', () => {
    expect(only('b')).toEqual(['b', 'b', 'b']);
    expect(only('b', 'd')).toEqual(['b', 'b', 'b', 'd', 'd', 'd']);
  });

  test('is refused when none of them is there', () => {
    expect(() => only('gone')).toThrow(expect.objectContaining({ code: 'no_healthy_deployment' }));
  });
});

describe('deployments in cooldown', () => {
  const cooling = (ends: Readonly<Record<string, number>>) => ({
    isAvailable: (id: string) => !Object.hasOwn(ends, id),
    retryAtMs: (id: string) => ends[id],
  });
  const planned = (ends: Readonly<Record<string, number>>, router: Partial<RouterSettings> = {}) =>
    testPlanner(groups, { availability: cooling(ends), router, random: () => 0 }).ids({ model: 'planner' });

  test.each<[string, Readonly<Record<string, number>>, Partial<RouterSettings>, string[]]>([
    ['come last', { a: NOW + 5 }, {}, ['b', 'b', 'b', 'a']],
    ['come after the fallbacks', { a: NOW + 5 }, { numRetries: 0, fallbacks: { planner: ['backup'] } }, ['b', 'c', 'a']],
    ['leave the job to the fallbacks', { a: NOW + 5, b: NOW + 5 }, { numRetries: 0, fallbacks: { planner: ['backup'] } }, ['c', 'a']],
    ['of a fallback too come last', { c: NOW + 5 }, { numRetries: 0, fallbacks: { planner: ['backup', 'spare'] } }, ['a', 'b', 'd', 'c']],
  ])('%s', (_what, ends, router, expected) => {
    expect(planned(ends, router)).toEqual(expected);
  });

  test('all of them: 503 with the earliest end of a cooldown', () => {
    const refused = (): unknown => {
      try {
        return planned({ a: NOW + 9_000, b: NOW + 7_000, c: NOW + 8_000 }, { fallbacks: { planner: ['backup'] } });
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toBeInstanceOf(GatewayError);
    expect(refused()).toMatchObject({ code: 'no_healthy_deployment', status: 503, retryAfterMs: 7_000 });
  });

  test('all of them, ends unknown: 503 with a short wait', () => {
    const planner = testPlanner(groups, { availability: { isAvailable: () => false, retryAtMs: () => undefined } });
    expect(() => planner.plan({ model: 'planner' })).toThrow(expect.objectContaining({ retryAfterMs: 1_000 }));
  });
});

describe('the order of deployments', () => {
  const ordered = [
    deployment('late', { order: 2 }),
    deployment('never'),
    deployment('first', { order: 1 }),
    deployment('too', { order: 1 }),
  ];
  const ids = (router: Partial<RouterSettings>, ends: readonly string[] = []) => {
    const availability = { isAvailable: (id: string) => !ends.includes(id), retryAtMs: () => undefined };
    return testPlanner({ group: ordered }, { router, availability, random: () => 0 }).ids();
  };

  test('goes before everything else, and the plan reaches all of them', () => {
    expect(ids({ numRetries: 1 })).toEqual(['first', 'too', 'late', 'never']);
    expect(ids({ numRetries: 0 })).toEqual(['first', 'too', 'late', 'never']);
  });

  test('is that of the healthy ones', () => {
    expect(ids({ numRetries: 0 }, ['first', 'too'])).toEqual(['late', 'never', 'first']);
  });
});

describe('the check of the input’s length', () => {
  const small = deployment('small', { modelInfo: { max_input_tokens: 1_000 } });
  const large = deployment('large', { modelInfo: { max_input_tokens: 100_000 } });
  const long = { messages: [{ role: 'user', content: 'long '.repeat(8_000) }] };
  const routing = { checkInputLength: true };

  test('leaves out deployments that take less', () => {
    const planner = testPlanner({ group: [small, large] }, { routing });
    expect(planner.ids({ fields: long })).toEqual(['large', 'large', 'large']);
    expect(new Set(planner.ids({ fields: { messages: [] } }))).toEqual(new Set(['small', 'large']));
  });

  test('leaves the job to a fallback that takes it', () => {
    const router = { numRetries: 0, fallbacks: { group: ['bigger'] } };
    expect(testPlanner({ group: [small], bigger: [large] }, { routing, router }).ids({ fields: long })).toEqual(['large']);
  });

  test('ends in 400 when nobody takes it', () => {
    const planner = testPlanner({ group: [small] }, { routing });
    expect(() => planner.plan({ fields: long })).toThrow(expect.objectContaining({ code: 'context_length_exceeded', status: 400 }));
  });

  test('does not take a picture for text', () => {
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(400_000)}` } };
    const planner = testPlanner({ group: [deployment('small', { modelInfo: { max_input_tokens: 2_000 } })] }, { routing });
    expect(planner.plan({ fields: { messages: [{ role: 'user', content: [picture] }] } })).toHaveLength(3);
  });
});
