import { beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { ask, budget, kinds, leads, type Replica, reserved, times, toLead, useAdmission } from './support/use-admission.ts';

/** Who leads admission, what the next leader knows, and that nothing is admitted twice or forgotten between them. Real NATS and Postgres. */
const { finish, fits, putKey, startReplica, under } = useAdmission();

describe('one of two leads', () => {
  let first: Replica;
  let second: Replica;
  beforeEach(async () => {
    await putKey('k1', { rpm: 60 });
    await putKey('k5', { parallel: 5 });
    await putKey('kb', budget('1'));
    first = await startReplica('first');
    await toLead(first);
    second = await startReplica('second');
  });

  test('200 concurrent requests of a key with 60 a minute: exactly 60 are admitted', async () => {
    const answers = await under.ingress.ask(times(200, () => ask()));
    expect(kinds(answers).filter((kind) => kind === 'admitted')).toHaveLength(60);
    expect(under.ingress.epochs.size).toBe(1);
    expect(await leads(second)()).toBe(false);
  });

  test('five parallel requests, and five again when they are over', async () => {
    const by = { keyHash: 'k5' };
    const many = times(20, () => ask({ by }));
    expect(kinds(await under.ingress.ask(many)).filter((kind) => kind === 'admitted')).toHaveLength(5);
    await Promise.all(many.slice(0, 5).map((one) => finish(one, '0')));
    const again = async () => {
      const one = ask({ by });
      return (await under.ingress.ask([one]))[0]?.admitted;
    };
    await waitFor(again, { what: 'a free slot' });
  });

  test('after the leader’s death the next one knows what is spent, what is held and what the last minute was', async () => {
    const by = { keyHash: 'kb' };
    const [settled, open, late] = [ask({ by, mostUsd: '0.2' }), ask({ by, mostUsd: '0.3' }), ask({ by, mostUsd: '0.4' })];
    await under.ingress.ask([settled, open, late, ...times(40, () => ask())]);
    await finish(settled, '0.15');
    await waitFor(async () => Math.abs((await reserved(first)) - 0.7) < 1e-9, { what: 'the settlement' });
    await first.kill();
    // while nobody leads
    await finish(late, '0.25');
    await toLead(second);
    expect(await reserved(second)).toBeCloseTo(0.3, 9);
    expect(kinds(await under.ingress.ask(times(30, () => ask()))).filter((kind) => kind === 'admitted')).toHaveLength(20);
    expect([await fits('0.31', by)].concat(await fits('0.3', by))).toEqual([false, true]);
    await finish(open, '0.1');
    await waitFor(async () => (await reserved(second)) === 0, { what: 'all reservations to end' });
    expect([await fits('0.51', by), await fits('0.5', by)]).toEqual([false, true]);
    expect(under.ingress.epochs.size).toBe(2);
  });

  test('a leader that stops by itself hands over what it knows', async () => {
    const by = { keyHash: 'kb' };
    const one = ask({ by, mostUsd: '0.6' });
    await under.ingress.ask([one]);
    await first.close();
    await toLead(second);
    expect(await fits('0.5', by)).toBe(false);
    expect(await reserved(second)).toBeCloseTo(0.6, 9);
  });

  test('a parked request is answered by the next leader', async () => {
    const by = { keyHash: 'kb' };
    const [open, parked] = [ask({ by, mostUsd: '0.9' }), ask({ by, mostUsd: '0.5' })];
    await under.ingress.ask([open]);
    const answer = under.ingress.ask([parked], { timeoutMs: 20_000 });
    await waitFor(() => first.metrics('headrace_admission_parked'), { what: 'it to wait' });
    await first.kill();
    await toLead(second);
    await waitFor(() => second.metrics('headrace_admission_parked'), { what: 'it to wait again' });
    await finish(open, '0.5');
    expect(kinds(await answer)).toEqual(['admitted']);
  });
});
