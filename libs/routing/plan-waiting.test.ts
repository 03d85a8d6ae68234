import { describe, expect, test } from 'vitest';
import { NOW, testDeployment, testPlanner } from './test-planning.ts';

/** Everybody is in cooldown: who is only at its provider's limit is waited for. */
interface Cooling {
  readonly until: number;
  readonly waits: boolean;
}

const limited = (ms: number): Cooling => ({ until: NOW + ms, waits: true });
const dead = (ms: number): Cooling => ({ until: NOW + ms, waits: false });

function plan(cooling: Readonly<Record<string, Cooling>>, deadlineMs: number | undefined, numRetries = 1) {
  const groups = {
    planner: ['a', 'b'].map((id) => testDeployment(id, { modelGroup: 'planner' })),
    backup: [testDeployment('c', { modelGroup: 'backup' })],
  };
  const availability = {
    isAvailable: (id: string) => cooling[id] === undefined,
    retryAtMs: (id: string) => cooling[id]?.until,
    isWaitedFor: (id: string, deadlineAt: number) => cooling[id]?.waits === true && cooling[id].until < deadlineAt,
  };
  const planner = testPlanner(groups, { availability, router: { numRetries, fallbacks: { planner: ['backup'] } }, random: () => 0 });
  return planner.ids({ model: 'planner', deadlineAt: deadlineMs === undefined ? undefined : NOW + deadlineMs });
}

describe('is planned', () => {
  test.each<[string, Readonly<Record<string, Cooling>>, string[]]>([
    ['the one that is back first', { a: limited(9_000), b: limited(2_000), c: limited(1_000) }, ['b', 'a', 'c']],
    ['no outage', { a: dead(1_000), b: limited(2_000), c: dead(1_000) }, ['b', 'b']],
    ['none that is back too late', { a: limited(30_000), b: limited(2_000), c: dead(1_000) }, ['b', 'b']],
    ['a fallback that is back', { a: dead(1_000), b: dead(1_000), c: limited(3_000) }, ['c', 'c']],
    ['a fallback that is healthy, without a wait', { a: limited(1_000), b: limited(1_000) }, ['c', 'c', 'a', 'b']],
  ])('%s', (_who, cooling, expected) => expect(plan(cooling, 30_000)).toEqual(expected));
});

describe('is refused at once', () => {
  test.each<[string, Readonly<Record<string, Cooling>>, number | undefined]>([
    ['an outage of all', { a: dead(1_000), b: dead(2_000), c: dead(3_000) }, 30_000],
    ['a request without the time', { a: limited(5_000), b: limited(6_000), c: dead(1_000) }, 5_000],
    ['a request that says nothing of its time', { a: limited(1_000), b: limited(1_000), c: limited(1_000) }, undefined],
  ])('%s', (_what, cooling, deadlineMs) => {
    const earliest = Math.min(...Object.values(cooling).map(({ until }) => until)) - NOW;
    expect(() => plan(cooling, deadlineMs)).toThrow(expect.objectContaining({ code: 'no_healthy_deployment', retryAfterMs: earliest }));
  });
});
