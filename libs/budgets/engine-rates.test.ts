import { beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, kinds, times, budget } from './test-engine.ts';
import { eventOf, NOON, openTicket } from './test-calls.ts';

let world: ReturnType<typeof createTestEngine>;
beforeEach(() => {
  world = createTestEngine();
});

describe('rate limits', () => {
  test('60 requests a minute are exactly 60 in any 60 s', () => {
    world.limits.set('key:k1', { rpm: 60 });
    expect(kinds(times(200, (index) => world.admit(`j${index}`))).filter((kind) => kind === 'admitted')).toHaveLength(60);
    expect(world.admit('late')).toMatchObject({ refusal: { kind: 'requests', limit: '60', used: '60', resetsAt: world.at + 60_000 } });
    for (let index = 0; index < 60; index++) world.settle(`j${index}`, '0');
    world.pass(59_999);
    expect(kinds([world.admit('early')])).toEqual(['requests']);
    world.pass(1);
    expect(kinds(times(61, (index) => world.admit(`n${index}`))).filter((kind) => kind === 'admitted')).toHaveLength(60);
  });

  test('tokens are reserved before and corrected after', () => {
    world.limits.set('key:k1', { tpm: 100 });
    const call = { inputTokens: 40, outputTokens: 60 };
    expect(kinds(times(10, (index) => world.admit(`j${index}`, call)))).toEqual(['admitted', ...times(9, () => 'tokens')]);
    world.settle('j0', '0', { usage: eventOf('', '0', { inputTokens: 10, outputTokens: 10 }).usage });
    expect(world.admit('k0', { inputTokens: 40, outputTokens: 40 })).toMatchObject({
      admitted: true,
      remaining: [{ kind: 'tokens', limit: '100', remaining: '0' }],
    });
  });

  test('input and output have limits of their own', () => {
    world.limits.set('key:k1', { inputTpm: 50, outputTpm: 50 });
    const asks = [
      world.admit('j0', { inputTokens: 10, outputTokens: 40 }),
      world.admit('j1', { inputTokens: 10, outputTokens: 20 }),
      world.admit('j2', { inputTokens: 50, outputTokens: 1 }),
    ];
    expect(kinds(asks)).toEqual(['admitted', 'output_tokens', 'input_tokens']);
  });

  test('a call that may produce more than the limit runs when nothing else counts', () => {
    world.limits.set('key:k1', { tpm: 100 });
    expect(
      kinds([world.admit('j0', { inputTokens: 10, outputTokens: 4_000 }), world.admit('j1', { inputTokens: 10, outputTokens: 10 })]),
    ).toEqual(['admitted', 'tokens']);
    world.engine.release('j0');
    expect(kinds([world.admit('j2', { inputTokens: 101, outputTokens: 10 })])).toEqual(['tokens']);
  });

  test('never six of five at once, and five again after each end', () => {
    world.limits.set('key:k1', { parallel: 5 });
    for (let round = 0; round < 100; round++) {
      expect(kinds(times(6, (index) => world.admit(`${round}.${index}`)))).toEqual([...times(5, () => 'admitted'), 'parallel']);
      world.settle(`${round}.0`, '0');
      world.settle(`${round}.1`, '0', { status: 'cancelled' });
      world.settle(`${round}.2`, '0', { status: 'failure', errorCode: 'upstream_timeout' });
      world.engine.release(`${round}.3`);
      world.engine.release(`${round}.4`);
    }
  });
});

describe('what nobody settles', () => {
  beforeEach(() => world.limits.set('key:k1', { parallel: 1 }));
  const pass = (ms: number): void => {
    world.pass(ms);
    world.engine.tick();
  };

  test('is free 10 s after the last word of its ingress', () => {
    world.admit('j0');
    pass(9_999);
    expect(world.engine.figures().holds).toBe(1);
    pass(1_000);
    expect(world.engine.figures().holds).toBe(0);
  });

  test('is free when its ingress does not know of it for 5 s', () => {
    world.admit('j0');
    world.engine.beat('in1', []);
    pass(4_000);
    world.engine.beat('in1', []);
    expect(world.engine.figures().holds).toBe(1);
    pass(1_000);
    expect(world.engine.figures().holds).toBe(0);
  });

  test('is free 30 s after its deadline', () => {
    world.admit('j0');
    for (let second = 0; second < 89; second++) {
      pass(1_000);
      world.engine.beat('in1', [openTicket('j0', { deadlineAt: NOON + 60_000 })]);
    }
    expect(world.engine.figures().holds).toBe(1);
    pass(1_000);
    world.engine.beat('in1', [openTicket('j0', { deadlineAt: NOON + 60_000 })]);
    expect(world.engine.figures().holds).toBe(0);
  });
});

describe('a new leader', () => {
  test('knows what is spent, held and counted from what is stored, the events and the beats', () => {
    world.limits.set('key:k1', { ...budget('1'), rpm: 4, parallel: 3 });
    world.admit('j0', { mostUsd: '0.2' });
    world.settle('j0', '0.2');
    const stored = world.engine.takeChanges();
    world.admit('j1', { mostUsd: '0.3' });
    world.admit('j2', { mostUsd: '0.3' });
    const before = world.seq;
    const past = [
      eventOf('j0', '0.2', { acceptedAt: world.at, endedAt: world.at }),
      eventOf('j1', '0.25', { acceptedAt: world.at, endedAt: world.at }),
    ];
    world.replace();
    world.engine.restore(stored);
    past.forEach((event, index) => world.engine.settle(event, { seq: before + index, isPast: true }));
    world.engine.beat('in1', [
      openTicket('j1', { heldUsd: '0.3', acceptedAt: world.at }),
      openTicket('j2', { heldUsd: '0.3', acceptedAt: world.at }),
    ]);
    world.engine.begin();
    expect(world.engine.figures()).toMatchObject({ holds: 1, reservedUsd: '0.3' });
    expect(
      kinds([world.admit('j3', { mostUsd: '0.26' }), world.admit('j4', { mostUsd: '0.25' }), world.admit('j5', { mostUsd: '0' })]),
    ).toEqual(['parked', 'parked', 'admitted']);
    world.engine.release('j3');
    expect(world.told.map(({ answer }) => [answer.job, answer.admitted])).toEqual([['j4', false]]);
  });

  test('counts no event twice, however often it reads it', () => {
    world.limits.set('key:k1', budget('1'));
    const events = times(5, (index) => eventOf(`j${index}`, '0.1', { acceptedAt: world.at, endedAt: world.at }));
    events.forEach((event, index) => world.engine.settle(event, { seq: index + 1 }));
    const stored = world.engine.takeChanges();
    for (let round = 0; round < 3; round++) {
      world.replace();
      world.engine.restore(stored);
      events.forEach((event, index) => world.engine.settle(event, { seq: index + 1, isPast: true }));
      expect(kinds([world.admit('more', { mostUsd: '0.51' }), world.admit('fits', { mostUsd: '0.5' })])).toEqual(['budget', 'admitted']);
    }
  });

  test('takes back an estimate that the one before it has counted', () => {
    world.limits.set('key:k1', budget('1'));
    world.engine.settle(eventOf('j0', '0.9', { verdict: 'lost', status: 'lost', endedAt: world.at }), { seq: 1 });
    const stored = JSON.parse(JSON.stringify(world.engine.takeChanges()));
    world.replace();
    world.engine.restore(stored);
    world.engine.settle(eventOf('j0', '0.1', { endedAt: world.at }), { seq: 2 });
    expect(kinds([world.admit('j1', { mostUsd: '0.9' })])).toEqual(['admitted']);
  });
});
