import { beforeEach, describe, expect, test } from 'vitest';
import { openTicket } from './test-calls.ts';
import { budget, createTestEngine, kinds } from './test-engine.ts';

let world: ReturnType<typeof createTestEngine>;

beforeEach(() => {
  world = createTestEngine();
  world.limits.set('key:k1', budget('1'));
});

const held = () => world.engine.figures().reservedUsd;
/** An hour for the job, as those in the background have. */
const ask = (job: string, mostUsd: string) => world.admit(job, { mostUsd, durable: true, deadlineAt: world.at + 3_600_000 });

function hearNothingFor(ms: number): void {
  world.pass(ms);
  world.engine.tick();
}

describe('what is held for a job without a connection', () => {
  test('stays held when the ingress that asked is gone, until the job’s last attempt', () => {
    expect(ask('j0', '0.9')).toMatchObject({ admitted: true, durable: true });
    hearNothingFor(60_000);
    expect(held()).toBe('0.9');
    expect(kinds([world.admit('j1', { mostUsd: '0.2' })])).toEqual(['parked']);
    world.settle('j0', '0.1', { verdict: 'move', status: 'failure' });
    expect(held()).toBe('0.9');
    world.settle('j0', '0.1', { attempt: 2 });
    expect(world.told[0]?.answer).toMatchObject({ job: 'j1', admitted: true });
  });

  test('stays held when its ingress does not name it', () => {
    ask('j0', '0.9');
    for (let beats = 0; beats < 10; beats += 1) {
      world.engine.beat('in1', []);
      hearNothingFor(1_000);
    }
    expect(held()).toBe('0.9');
  });

  test('is free again half a minute behind its deadline, or when it is given back', () => {
    ask('j0', '0.4');
    ask('j1', '0.4');
    world.engine.release('j1');
    expect(held()).toBe('0.4');
    hearNothingFor(3_600_000 + 29_000);
    expect(held()).toBe('0.4');
    hearNothingFor(2_000);
    expect(held()).toBe('0');
  });

  test('is handed on to the next leader, as it stands, and held once when an ingress tells of it too', () => {
    ask('j0', '0.3');
    world.engine.topUp({ job: 'j0', neededUsd: '0.5' });
    world.admit('of a client that waits', { mostUsd: '0.1' });
    const left = world.engine.takeChanges();
    expect(left.held.map(({ job, heldUsd }) => [job, heldUsd])).toEqual([['j0', '0.5']]);
    const next = world.replace();
    next.restore(left);
    next.beat('in1', [openTicket('j0', { heldUsd: '0.5', durable: true, deadlineAt: world.at + 3_600_000 })]);
    expect(held()).toBe('0.5');
    hearNothingFor(60_000);
    expect(held()).toBe('0.5');
  });

  test('is over for the next leader when its job ended in between', () => {
    ask('j0', '0.3');
    const left = world.engine.takeChanges();
    world.replace().restore(left);
    world.settle('j0', '0.2');
    expect(held()).toBe('0');
  });
});
