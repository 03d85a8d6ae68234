import { beforeEach, describe, expect, test } from 'vitest';
import { requestCore } from '#bus';
import { DEFAULT_BUDGETS } from '#config';
import { type AttemptEvent, EVERY_CUSTOMER, NO_COST, TOP_UP_SUBJECT, type TopUpReply } from '#contracts';
import { applyAttempts } from '#db';
import { waitFor } from '#testing';
import { attemptEvent } from './support/attempt-event.ts';
import { ask, budget, kinds, type Replica, times, toLead, useAdmission } from './support/use-admission.ts';

/** The process around the engine: what its leader counts, what it knows of the past, and that nothing is counted twice. Real NATS and Postgres. */
const { finish, fits, publish, putKey, startReplica, under } = useAdmission();

describe('a leader', () => {
  let leader: Replica;
  beforeEach(async () => {
    await putKey('k1', budget('1'));
    leader = await startReplica('leader');
    await toLead(leader);
  });

  test('gives a stream more while there is some', async () => {
    const one = ask({ mostUsd: '0.5', leastUsd: '0.1' });
    await under.ingress.ask([one]);
    const topUp = async (neededUsd: string): Promise<TopUpReply | undefined> => {
      const reply = await requestCore(under.bus, TOP_UP_SUBJECT, Buffer.from(JSON.stringify({ job: one.job, neededUsd })), {
        timeoutMs: 2_000,
      });
      return reply.kind === 'answer' ? JSON.parse(Buffer.from(reply.data).toString()) : undefined;
    };
    expect(await topUp('0.8')).toEqual({ heldUsd: '0.8' });
    expect(await topUp('1.2')).toMatchObject({ heldUsd: '1', refusal: { kind: 'budget' } });
  });

  test('counts an event once when the stream has it twice, and an estimate until its worker’s own word', async () => {
    const [one, two] = [ask({ mostUsd: '0.3' }), ask({ mostUsd: '0.3' })];
    await under.ingress.ask([one, two]);
    const event = await finish(one, '0.3');
    await publish(event, 'the same again');
    const lost = await finish(two, '0.3', { status: 'lost', verdict: 'lost' });
    await leader.kill();
    const next = await startReplica('next');
    await toLead(next);
    expect([await fits('0.41'), await fits('0.4')]).toEqual([false, true]);
    await publish({ ...lost, status: 'success', verdict: 'done', cost: { ...NO_COST, totalUsd: '0.1' } }, 'its own word');
    await waitFor(() => fits('0.6'), { what: 'the estimate to be replaced' });
    expect(await fits('0.61')).toBe(false);
  });

  test('a changed limit counts in less than a second', async () => {
    expect(await fits('1.5')).toBe(false);
    await putKey('k1', budget('2'));
    const changedAt = performance.now();
    await waitFor(() => fits('1.5'), { what: 'the new limit', intervalMs: 5 });
    expect(performance.now() - changedAt).toBeLessThan(1_000);
  });

  test('a key made a moment ago has its limits from its first request on', async () => {
    for (const hash of times(20, (index) => `new-${index}`)) {
      await putKey(hash, budget('0.1'));
      expect(await fits('0.2', { keyHash: hash })).toBe(false);
    }
  });

  test('end users have the budget that is set for all of them, each its own, from the first concurrent requests on', async () => {
    await under.scopes.put({ v: 1, ...EVERY_CUSTOMER, limits: budget('0.5') });
    await under.scopes.put({ v: 1, kind: 'customer', id: 'rich', limits: budget('10') });
    await waitFor(async () => !(await fits('0.6', { keyHash: 'none', endUser: 'first' } as never)), { what: 'the default' });
    const asks = ['a', 'b', 'rich'].flatMap((endUser) =>
      times(5, () => ask({ by: { keyHash: 'none', endUser }, mostUsd: '0.5', deadlineAt: Date.now() + 500 })),
    );
    const answers = await under.ingress.ask(asks);
    expect(kinds(answers)).toEqual(
      ['a', 'b', 'rich'].flatMap((user) => times(5, (index) => (user === 'rich' || index === 0 ? 'admitted' : 'budget'))),
    );
  });

  test('is silent while another one may lead: whoever asks gets one leader’s word', async () => {
    await waitFor(() => under.ingress.isHeard(), { what: 'the leader to listen' });
    await under.nats.stop();
    await under.nats.start();
    await waitFor(() => under.bus.connected, { what: 'the connection' });
    const answers = await under.ingress.ask([ask({ mostUsd: '0.1' })], { timeoutMs: 20_000 });
    expect(kinds(answers)).toEqual(['admitted']);
    await finish(ask({ mostUsd: '0.95' }), '0.95');
    await waitFor(async () => !(await fits('0.06')), { what: 'events to be counted after the restart' });
  });
});

describe('requests at the same time', () => {
  const at = (keyHash: string) => ask({ by: { keyHash }, deadlineAt: Date.now() + 300 });

  test('are as many as the configuration says for the gateway and for every key, over a change of the leader', async () => {
    const settings = { ...DEFAULT_BUDGETS, gatewayParallel: 5, keyParallel: 2 };
    await putKey('own', { parallel: 3, rpm: 100 });
    await putKey('limited', { rpm: 100 });
    const first = await startReplica('first', settings);
    await toLead(first);
    const [one, ...rest] = [at('a'), at('a'), at('a'), at('limited'), at('limited'), at('limited')];
    expect(kinds(await under.ingress.ask([one, ...rest] as never))).toEqual(
      ['a', 'limited'].flatMap(() => ['admitted', 'admitted', 'parallel']),
    );
    await first.kill();
    await toLead(await startReplica('next', settings));
    // four are running: there is room for one more of the gateway’s five
    for (const [keyHash, answer] of [
      ['master', 'admitted'],
      ['own', 'parallel'],
    ] as const) {
      expect([keyHash, ...kinds(await under.ingress.ask([at(keyHash)]))]).toEqual([keyHash, answer]);
    }
    if (one !== undefined) await finish(one, '0');
    await waitFor(async () => kinds(await under.ingress.ask([at('own')]))[0] === 'admitted', { what: 'the place that became free' });
  });
});

describe('a fresh queue over an old database', () => {
  test('spend of the present windows comes from the ledger, and what is in the stream is not added to it', async () => {
    const at = Date.now();
    const old = (change: Partial<AttemptEvent>) =>
      attemptEvent({
        by: { keyHash: 'k1', teamId: 't1' },
        cost: { ...NO_COST, totalUsd: '0.3' },
        provider: 'p1',
        acceptedAt: at - 60_000,
        endedAt: at - 59_000,
        ...change,
      });
    await applyAttempts(under.db, [old({}), old({}), old({ acceptedAt: at - 90_000_000, endedAt: at - 90_000_000 })]);
    await putKey('k1', {
      budgets: [
        { id: 'b', limitUsd: '2' },
        { id: 'd', limitUsd: '1', period: '1d', reset: 'rolling' },
      ],
    });
    await under.scopes.put({ v: 1, kind: 'team', id: 't1', limits: budget('1.5') });
    const event = await finish(ask(), '0.1');
    await applyAttempts(under.db, [event]);
    const leader = await startReplica('leader');
    await toLead(leader);
    expect([await fits('0.31'), await fits('0.3')]).toEqual([false, true]);
    const ofTeam = { keyHash: 'other', teamId: 't1' };
    expect([await fits('0.61', ofTeam), await fits('0.6', ofTeam)]).toEqual([false, true]);
  });

  test('so does that of end users who only have the budget that is set for all of them', async () => {
    const at = Date.now();
    const old = (endUser: string, totalUsd: string, acceptedAt = at - 60_000) =>
      attemptEvent({ by: { keyHash: 'k1', endUser }, cost: { ...NO_COST, totalUsd }, acceptedAt, endedAt: acceptedAt + 1_000 });
    await applyAttempts(under.db, [
      old('a', '0.3'),
      old('a', '0.1'),
      old('a', '0.4', at - 90_000_000),
      old('b', '0.2'),
      old('rich', '0.9'),
    ]);
    const limits = { budgets: [{ id: 'd', limitUsd: '0.5', period: '1d', reset: 'rolling' as const }] };
    await under.scopes.put({ v: 1, ...EVERY_CUSTOMER, limits });
    await under.scopes.put({ v: 1, kind: 'customer', id: 'rich', limits: budget('1') });
    const leader = await startReplica('leader');
    await toLead(leader);
    const fit = (usd: string, endUser: string) => fits(usd, { keyHash: 'none', endUser } as never);
    expect([await fit('0.11', 'a'), await fit('0.1', 'a')]).toEqual([false, true]);
    expect([await fit('0.31', 'b'), await fit('0.3', 'b')]).toEqual([false, true]);
    expect([await fit('0.11', 'rich'), await fit('0.1', 'rich')]).toEqual([false, true]);
    expect(await fit('0.5', 'new')).toBe(true);
  });
});
