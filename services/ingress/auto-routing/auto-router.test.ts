import { describe, expect, test } from 'vitest';
import type { AutoGroup, Deployment, ListedModel } from '#config';
import { createPricer } from '#pricing';
import { createAutoRouter } from './auto-router.ts';
import { routeWish } from './route-wish.ts';

const GROUP: AutoGroup = { weak: 'small', strong: 'large', costShare: 0, escalate: true, sticky: true, afterEscalation: 'once' };
const SETTINGS = { weightsFile: undefined, groups: { auto: GROUP } };
const request = (more: object = {}) => ({
  name: 'auto',
  group: GROUP,
  fields: { messages: [{ role: 'user', content: 'Hello' }] },
  wish: { tier: undefined, costShare: undefined },
  caller: 'key',
  sessionId: 'one',
  isPreview: false,
  ...more,
});

describe('a session', () => {
  const strong = { wish: { tier: undefined, costShare: 1 } };

  test('keeps its tier, for one key and one auto group', () => {
    const router = createAutoRouter();
    expect(router.decide(request(strong), SETTINGS)).toMatchObject({ tier: 'strong', by: 'score' });
    expect(router.decide(request(), SETTINGS)).toMatchObject({ tier: 'strong', by: 'session' });
    for (const other of [{ caller: 'another' }, { name: 'other' }, { sessionId: 'two' }, { sessionId: undefined }])
      expect(router.decide(request(other), SETTINGS)).toMatchObject({ tier: 'weak', by: 'score' });
  });

  test('is not kept by a preview, nor where its group says so', () => {
    const router = createAutoRouter();
    router.decide(request({ ...strong, isPreview: true }), SETTINGS);
    router.decide(request({ ...strong, group: { ...GROUP, sticky: false } }), SETTINGS);
    expect(router.decide(request(), SETTINGS)).toMatchObject({ tier: 'weak', by: 'score' });
  });
});

test('weights that are not there stop the start, with the file’s name', () => {
  expect(() => createAutoRouter({ ...SETTINGS, weightsFile: '/nowhere/own.json' })).toThrow(/\/nowhere\/own\.json.*train:router/);
});

describe('a session that was escalated', () => {
  const tiers = (group: AutoGroup, requests: readonly object[] = [{}, {}]) => {
    const router = createAutoRouter();
    router.decide(request({ group }), SETTINGS);
    router.escalated(request({ group }));
    return requests.map((more) => router.decide(request({ group, ...more }), SETTINGS).tier);
  };

  test.each<[AutoGroup['afterEscalation'], readonly string[]]>([
    ['once', ['strong', 'weak']],
    ['stay', ['strong', 'strong']],
    ['ignore', ['weak', 'weak']],
  ])('goes on as its group says: %s', (afterEscalation, expected) => expect(tiers({ ...GROUP, afterEscalation })).toEqual(expected));

  test('does so for requests, not for previews, and only where sessions stay', () => {
    expect(tiers(GROUP, [{ isPreview: true }, {}, {}])).toEqual(['strong', 'strong', 'weak']);
    expect(tiers(GROUP, [{ sessionId: 'two' }, { caller: 'another' }])).toEqual(['weak', 'weak']);
    expect(tiers({ ...GROUP, sticky: false })).toEqual(['weak', 'weak']);
  });

  test('goes where its request says all the same, and stays there', () => {
    expect(tiers(GROUP, [{ wish: { tier: 'weak', costShare: undefined } }, {}])).toEqual(['weak', 'weak']);
  });
});

describe('tiers that nobody names', () => {
  const model = (name: string, usd: string | undefined, more: Partial<ListedModel> = {}): ListedModel => {
    const prices = usd === undefined ? undefined : { inputUsd: usd, outputUsd: usd };
    const deployment = { id: name, provider: 'p', upstreamModel: name, modelInfo: {}, prices } as unknown as Deployment;
    return { name, wildcard: false, aliasOf: undefined, deployments: [deployment], ...more };
  };
  const tiers = (models: readonly ListedModel[], named: Partial<AutoGroup> = {}) =>
    createAutoRouter().tiersOf(
      'auto',
      { ...GROUP, weak: undefined, strong: undefined, ...named },
      { models: { list: () => models }, pricer: createPricer(), at: new Date(0) },
    );
  const MODELS = [
    model('mid', '0.002'),
    model('high', '0.003'),
    model('low', '0.001'),
    model('x-embed', '0.000001'),
    model('unpriced', undefined),
  ];

  test('are the cheapest and the dearest with a price, for conversations', () => {
    expect(tiers(MODELS)).toEqual({ weak: 'low', strong: 'high' });
    expect(tiers([...MODELS, model('alias', '9', { aliasOf: 'mid' }), model('p/*', '9', { wildcard: true })])).toEqual({
      weak: 'low',
      strong: 'high',
    });
  });

  test('one that is named stays', () => {
    expect(tiers(MODELS, { weak: 'mid' })).toEqual({ weak: 'mid', strong: 'high' });
    expect(tiers(MODELS, { strong: 'low' })).toEqual({ weak: 'mid', strong: 'low' });
  });

  test('there are none of one model: the error says what to write where', () => {
    expect(() => tiers([model('only', '1')])).toThrow(
      'name them as weak and strong in headrace.auto_routing.groups.auto'.replace('name', 'Name'),
    );
  });
});

test.each([
  [{}, { tier: undefined, costShare: undefined }],
  [
    { 'x-headrace-route-tier': 'weak', 'x-headrace-cost-share': '0.25' },
    { tier: 'weak', costShare: 0.25 },
  ],
])('%j is read', (headers, wish) => expect(routeWish(headers)).toEqual(wish));

test.each([{ 'x-headrace-route-tier': 'WEAK' }, { 'x-headrace-cost-share': '1.1' }, { 'x-headrace-cost-share': ' ' }])(
  '%j is refused',
  (headers) => {
    expect(() => routeWish({ ...headers })).toThrow(/x-headrace-/);
  },
);
