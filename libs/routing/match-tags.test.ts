import { describe, expect, test } from 'vitest';
import type { RoutingSettings } from '#config';
import { testDeployment, testPlanner } from './test-planning.ts';

const tagged = [
  testDeployment('free', { tags: ['free', 'eu'] }),
  testDeployment('paid', { tags: ['paid', 'eu'] }),
  testDeployment('spare', { tags: ['default'] }),
  testDeployment('plain'),
];
const withoutDefault = tagged.filter(({ id }) => id !== 'spare');

function served(tags: readonly string[], deployments = tagged, tagFiltering: RoutingSettings['tagFiltering'] = 'any'): string[] {
  return [
    ...new Set(testPlanner({ group: deployments }, { routing: { tagFiltering }, router: { numRetries: 9 } }).ids({ tags })),
  ].toSorted();
}

describe('a request with tags goes', () => {
  test.each<[string, string[], string[]]>([
    ['to deployments with its tag', ['paid'], ['paid']],
    ['to deployments with any of its tags', ['paid', 'free'], ['free', 'paid']],
    ['to the default ones when nobody has its tag', ['unheard-of'], ['spare']],
    ['to the default ones when it has no tags', [], ['spare']],
    ['to those with every required tag', ['&eu', '&free'], ['free']],
    ['past those with an excluded tag', ['eu', '!free'], ['paid']],
  ])('%s', (_what, tags, expected) => {
    expect(served(tags)).toEqual(expected);
  });

  test('to deployments with all of its tags where the setting asks for all', () => {
    expect(served(['eu', 'paid'], tagged, 'all')).toEqual(['paid']);
    expect(served(['free', 'paid'], tagged, 'all')).toEqual(['spare']);
  });

  test('anywhere without tags where nobody is the default', () => {
    expect(served([], withoutDefault)).toEqual(['free', 'paid', 'plain']);
    expect(served(['!free'], withoutDefault)).toEqual(['paid', 'plain']);
  });

  test('anywhere when tags are not heeded', () => {
    expect(served(['paid'], tagged, 'off')).toHaveLength(4);
  });

  test('nowhere when nobody may serve it: 403', () => {
    expect(() => served(['unheard-of'], withoutDefault)).toThrow(expect.objectContaining({ code: 'model_access_denied', status: 403 }));
    expect(() => served(['&eu', '&unheard-of'])).toThrow(expect.objectContaining({ code: 'model_access_denied' }));
  });

  test('to a fallback that may serve it', () => {
    const planner = testPlanner(
      { group: withoutDefault, backup: tagged },
      { routing: { tagFiltering: 'any' }, router: { numRetries: 0, fallbacks: { group: ['backup'] } } },
    );
    expect(planner.ids({ tags: ['unheard-of'] })).toEqual(['spare']);
  });
});
