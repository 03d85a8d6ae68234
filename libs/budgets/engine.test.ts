import { beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, kinds, times, budget } from './test-engine.ts';
import { NOON } from './test-calls.ts';

let world: ReturnType<typeof createTestEngine>;
beforeEach(() => {
  world = createTestEngine();
});

describe('a budget', () => {
  beforeEach(() => world.limits.set('key:k1', budget('1')));

  test('is never promised twice: who finds it held by others waits, and is admitted in order of arrival', () => {
    expect(kinds(times(4, (index) => world.admit(`j${index}`, { mostUsd: '0.4' })))).toEqual(['admitted', 'admitted', 'parked', 'parked']);
    world.settle('j0', '0.1');
    expect(world.told.map(({ answer }) => [answer.job, answer.admitted])).toEqual([['j2', true]]);
    world.settle('j1', '0.1');
    world.settle('j2', '0.1');
    expect(world.told.map(({ answer }) => answer.job)).toEqual(['j2', 'j3']);
  });

  test('that is spent refuses at once, and those that waited for it', () => {
    world.admit('j0', { mostUsd: '0.9' });
    expect(kinds([world.admit('j1', { mostUsd: '0.4' })])).toEqual(['parked']);
    world.settle('j0', '0.8');
    expect(world.told[0]?.answer).toMatchObject({
      admitted: false,
      refusal: { kind: 'budget', scope: 'key', id: 'k1', limit: '1', used: '0.8' },
    });
    expect(kinds([world.admit('j2', { mostUsd: '0.4' }), world.admit('j3', { mostUsd: '0.2' })])).toEqual(['budget', 'admitted']);
  });

  test('is usable to the last cent by what can be stopped', () => {
    world.admit('j0', { mostUsd: '0.9' });
    const answer = world.admit('j1', { mostUsd: '0.5', leastUsd: '0.01' });
    expect(answer).toMatchObject({ admitted: true, ticket: { heldUsd: '0.1' } });
    expect(kinds([world.admit('j2', { mostUsd: '0.5', leastUsd: '0.01' })])).toEqual(['parked']);
  });

  test('a parked ask is refused at its deadline', () => {
    world.admit('j0', { mostUsd: '1' });
    world.admit('j1', { mostUsd: '1', deadlineAt: world.at + 5_000 });
    world.pass(4_999);
    world.engine.tick();
    expect(world.told).toEqual([]);
    world.pass(1);
    world.engine.tick();
    expect(world.told[0]?.answer).toMatchObject({ job: 'j1', admitted: false, refusal: { kind: 'budget' } });
  });

  test('the same job asks as often as it likes and is held once', () => {
    const first = world.admit('j0', { mostUsd: '0.6' });
    expect(world.admit('j0', { mostUsd: '0.6' })).toEqual(first);
    expect(world.engine.figures()).toMatchObject({ holds: 1, reservedUsd: '0.6' });
    world.admit('j1', { mostUsd: '0.6' });
    world.admit('j1', { mostUsd: '0.6' });
    expect(world.engine.figures().parked).toBe(1);
  });

  test('a failed attempt is charged and its job keeps holding; the last one gives the rest back', () => {
    world.admit('j0', { mostUsd: '0.4' });
    world.settle('j0', '0.05', { verdict: 'move', status: 'failure' });
    expect(world.engine.figures().reservedUsd).toBe('0.4');
    world.settle('j0', '0.1', { attempt: 2 });
    expect(world.engine.figures()).toMatchObject({ holds: 0, reservedUsd: '0' });
    expect(world.admit('j1', { mostUsd: '0.85' })).toMatchObject({ admitted: true, keySpendUsd: '1' });
  });

  test('a job whose failed attempts have used up the budget is stopped', () => {
    world.admit('j0', { mostUsd: '0.5' });
    world.admit('j1', { mostUsd: '0.5' });
    world.settle('j0', '0.5', { verdict: 'move', status: 'failure' });
    expect(world.stopped).toMatchObject([{ job: 'j0', refusal: { kind: 'budget' } }]);
    expect(world.engine.figures().reservedUsd).toBe('0.5');
  });

  test('a lost attempt gives way to the word of its worker, in either order, and releases nothing', () => {
    world.admit('j0', { mostUsd: '0.5' });
    world.settle('j0', '0.3', { verdict: 'lost', status: 'lost' });
    world.settle('j0', '0.1');
    expect(world.engine.figures().holds).toBe(1);
    world.settle('j0', '0.3', { verdict: 'lost', status: 'lost' });
    world.settle('j0', '0.2', { attempt: 2 });
    expect(world.engine.takeChanges().accounts).toMatchObject([{ windows: { b: { spentUsd: '0.3' } } }]);
  });

  test('what a stream needs more is held as far as there is room', () => {
    world.admit('j0', { mostUsd: '0.2', leastUsd: '0.1' });
    world.admit('j1', { mostUsd: '0.5' });
    expect(world.engine.topUp({ job: 'j0', neededUsd: '0.4' })).toEqual({ heldUsd: '0.4' });
    expect(world.engine.topUp({ job: 'j0', neededUsd: '0.3' })).toEqual({ heldUsd: '0.4' });
    world.settle('j1', '0.5');
    expect(world.engine.topUp({ job: 'j0', neededUsd: '0.8' })).toMatchObject({ heldUsd: '0.5', refusal: { kind: 'budget' } });
  });

  test('a released job was never there', () => {
    world.admit('j0', { mostUsd: '1' });
    world.admit('j1', { mostUsd: '1' });
    world.engine.release('j0');
    expect(world.told.map(({ answer }) => answer.job)).toEqual(['j1']);
    world.admit('j2', { mostUsd: '1' });
    world.engine.release('j2');
    world.engine.release('j1');
    expect(world.engine.figures()).toEqual({ holds: 0, parked: 0, reservedUsd: '0' });
  });

  test('a higher limit counts at once, for those that wait too', () => {
    world.admit('j0', { mostUsd: '1' });
    world.admit('j1', { mostUsd: '0.5' });
    world.limits.set('key:k1', budget('1.5'));
    world.engine.limitsChanged({ kind: 'key', id: 'k1' });
    expect(world.told.map(({ answer }) => answer.admitted)).toEqual([true]);
  });

  test('for a while more may be spent', () => {
    world.limits.set('key:k1', budget('1', { increase: { usd: '0.5', until: world.at + 1_000 } }));
    expect(kinds([world.admit('j0', { mostUsd: '1.5' })])).toEqual(['admitted']);
    world.engine.release('j0');
    world.pass(1_000);
    expect(kinds([world.admit('j1', { mostUsd: '1.5' })])).toEqual(['budget']);
  });

  test('what is free of charge runs on a spent budget', () => {
    world.admit('j0', { mostUsd: '1' });
    world.settle('j0', '1');
    expect(kinds([world.admit('j1', { mostUsd: '0' }), world.admit('j2', { mostUsd: '0.001' })])).toEqual(['admitted', 'budget']);
  });

  test('an unknown price is refused, or held and counted as configured', () => {
    expect(kinds([world.admit('j0', { mostUsd: undefined })])).toEqual(['price']);
    world.replace({ unknownPriceUsd: () => '0.3' });
    expect(world.admit('j1', { mostUsd: undefined })).toMatchObject({ admitted: true, ticket: { heldUsd: '0.3' } });
    world.settle('j1', undefined);
    expect(world.engine.takeChanges().accounts).toMatchObject([{ windows: { b: { spentUsd: '0.3' } } }]);
  });

  test('its owner is told once of the soft limit and once of its end', () => {
    world.limits.set('key:k1', budget('1', { softUsd: '0.5' }));
    for (const [index, usd] of ['0.4', '0.2', '0.1', '0.3', '0.1'].entries()) {
      world.admit(`j${index}`, { mostUsd: usd });
      world.settle(`j${index}`, usd);
    }
    expect(world.alerts.map(({ kind, spentUsd }) => [kind, spentUsd])).toEqual([
      ['soft_budget', '0.6'],
      ['budget_reached', '1'],
    ]);
  });
});

describe('several budgets at once', () => {
  test('all of them hold, in one step or not at all', () => {
    world.limits
      .set('key:k1', budget('1'))
      .set('team:t1', budget('0.5'))
      .set('user:u1', { budgets: [{ id: 'd', limitUsd: '5', period: '1d' }] });
    const by = { keyHash: 'k1', teamId: 't1', userId: 'u1' };
    expect(kinds([world.admit('j0', { by, mostUsd: '0.4' }), world.admit('j1', { by, mostUsd: '0.4' })])).toEqual(['admitted', 'parked']);
    expect(kinds([world.admit('j2', { mostUsd: '0.6' })])).toEqual(['admitted']);
    expect(kinds([world.admit('j3', { by, mostUsd: '0.6' })])).toEqual(['budget']);
  });

  test('of one model for its calls alone', () => {
    world.limits.set('key:k1', { models: { big: { budgets: [{ id: 'm', limitUsd: '0.1' }], rpm: 2 } } });
    const asks = [
      world.admit('j0', { modelGroup: 'big', mostUsd: '0.1' }),
      world.admit('j1', { mostUsd: '9' }),
      world.admit('j2', { modelGroup: 'big', mostUsd: '0.2' }),
    ];
    expect(kinds(asks)).toEqual(['admitted', 'admitted', 'budget']);
    expect(asks[2]).toMatchObject({ refusal: { model: 'big', window: 'm' } });
  });

  test('with two windows the one that is full refuses, until it begins anew', () => {
    const [day, month] = [
      { id: 'day', limitUsd: '1', period: '1d', reset: 'calendar' as const },
      { id: 'month', limitUsd: '1.5', period: '1mo', reset: 'calendar' as const },
    ];
    world.limits.set('key:k1', { budgets: [day, month] });
    world.admit('j0', { mostUsd: '1' });
    world.settle('j0', '1');
    expect(world.admit('j1', { mostUsd: '0.5' })).toMatchObject({ refusal: { window: '1d', resetsAt: NOON + 43_200_000 } });
    world.pass(43_200_000);
    expect(kinds([world.admit('j2', { mostUsd: '0.5' }), world.admit('j3', { mostUsd: '0.6' })])).toEqual(['admitted', 'budget']);
  });

  test('that was set to an amount begins with it, in that period alone', () => {
    const daily = { period: '1d', reset: 'calendar' as const };
    world.limits.set('key:k1', budget('1', daily));
    world.admit('j0', { mostUsd: '0.9' });
    world.settle('j0', '0.9');
    world.limits.set('key:k1', budget('1', { ...daily, startsAt: world.at, carriedUsd: '0.5' }));
    expect(kinds([world.admit('j1', { mostUsd: '0.6' }), world.admit('j2', { mostUsd: '0.5' })])).toEqual(['budget', 'admitted']);
    world.settle('j2', '0.1');
    expect(kinds([world.admit('j3', { mostUsd: '0.41' })])).toEqual(['budget']);
    world.pass(24 * 3_600_000);
    expect(kinds([world.admit('j4', { mostUsd: '1' })])).toEqual(['admitted']);
  });

  test('of a rolling window forgets the amount when the window has moved past it', () => {
    world.limits.set('key:k1', budget('1', { period: '1h', reset: 'rolling', startsAt: world.at, carriedUsd: '0.5' }));
    expect(kinds([world.admit('j1', { mostUsd: '0.6' })])).toEqual(['budget']);
    world.pass(3_600_000 + 60_000);
    expect(kinds([world.admit('j2', { mostUsd: '1' })])).toEqual(['admitted']);
  });

  test('a rolling window forgets what is older than it is long', () => {
    world.limits.set('key:k1', budget('1', { period: '1h', reset: 'rolling' }));
    world.admit('j0', { mostUsd: '0.6' });
    world.settle('j0', '0.6');
    world.pass(1_800_000);
    world.admit('j1', { mostUsd: '0.4' });
    world.settle('j1', '0.4');
    world.pass(1_800_000 - 1);
    expect(kinds([world.admit('j2', { mostUsd: '0.5' })])).toEqual(['budget']);
    world.pass(60_001);
    expect(kinds([world.admit('j3', { mostUsd: '0.6' }), world.admit('j4', { mostUsd: '0.1' })])).toEqual(['admitted', 'parked']);
  });

  test('what a call holds is held in the next period too', () => {
    world.limits.set('key:k1', budget('1', { period: '1d', reset: 'calendar' }));
    world.admit('j0', { mostUsd: '0.8', deadlineAt: world.at + 86_400_000 });
    world.pass(43_200_000);
    expect(kinds([world.admit('j1', { mostUsd: '0.8' })])).toEqual(['parked']);
    world.settle('j0', '0.1', { endedAt: world.at - 1 });
    expect(world.told.map(({ answer }) => answer.admitted)).toEqual([true]);
    world.settle('j1', '0.8');
    expect(kinds([world.admit('j2', { mostUsd: '0.2' })])).toEqual(['admitted']);
  });
});

describe('budgets of providers and deployments', () => {
  const candidates = [
    { deploymentId: 'd1', provider: 'p1' },
    { deploymentId: 'd2', provider: 'p2' },
  ];

  test('a deployment without budget is excluded, and what is held is held at all others', () => {
    world.limits.set('deployment:d1', budget('0.1')).set('provider:p2', budget('1'));
    expect(world.admit('j0', { candidates, mostUsd: '0.6' })).toMatchObject({
      admitted: true,
      excluded: ['d1'],
      ticket: { candidate: candidates[1] },
    });
    expect(kinds([world.admit('j1', { candidates, mostUsd: '0.6' })])).toEqual(['parked']);
    world.settle('j0', '0.6', { provider: 'p2', deploymentId: 'd2' });
    expect(world.told[0]?.answer).toMatchObject({ admitted: false, refusal: { kind: 'budget', scope: 'deployment', id: 'd1' } });
  });

  test('those without budgets of their own take the rest', () => {
    world.limits.set('provider:p1', budget('0.1'));
    expect(world.admit('j0', { candidates, mostUsd: '0.6' })).toMatchObject({ admitted: true, excluded: ['d1'] });
    expect(world.engine.figures().reservedUsd).toBe('0.6');
  });
});
