import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AdmissionAnswer, type AdmissionAsk, type AttemptEvent, type Limits, type OpenTicket, scopeName } from '#contracts';
import { type AdmissionEngine, createAdmissionEngine } from './engine.ts';
import { picoOf, usdOf } from './money.ts';
import { askFor, eventOf, NOON } from './test-calls.ts';

/**
 * Whatever happens in whatever order: a model of what was really paid is kept beside the engine, and what the engine promised must never be more than
 * a limit allows. Costs are cents, so that the model's sums are whole numbers.
 */
const LIMIT_CENTS = 100;
const LIMITS = new Map<string, Limits>([
  ['key:k1', { budgets: [{ id: 'b', limitUsd: '1' }], parallel: 6, rpm: 40 }],
  ['key:k2', { budgets: [{ id: 'b', limitUsd: '1' }] }],
  ['team:t1', { budgets: [{ id: 'all', limitUsd: '1' }] }],
  ['provider:p1', { budgets: [{ id: 'b', limitUsd: '1' }] }],
]);

type Step =
  | { readonly do: 'ask'; readonly key: 'k1' | 'k2'; readonly team: boolean; readonly most: number; readonly stoppable: boolean }
  | { readonly do: 'finish' | 'move' | 'release' | 'topUp' | 'repeat'; readonly pick: number; readonly share: number }
  | { readonly do: 'spares'; readonly key: 'k1' | 'k2'; readonly team: boolean; readonly most: number; readonly many: number }
  | { readonly do: 'use'; readonly pick: number }
  | { readonly do: 'takeover' | 'pause' | 'giveBack' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      key: fc.constantFrom('k1' as const, 'k2' as const),
      team: fc.boolean(),
      most: fc.integer({ min: 0, max: 60 }),
      stoppable: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('finish' as const, 'finish' as const, 'move' as const, 'release' as const, 'topUp' as const, 'repeat' as const),
      pick: fc.nat(1_000),
      share: fc.integer({ min: 0, max: 100 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('spares' as const),
      key: fc.constantFrom('k1' as const, 'k2' as const),
      team: fc.boolean(),
      most: fc.integer({ min: 0, max: 12 }),
      many: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('use' as const), pick: fc.nat(1_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('takeover' as const, 'pause' as const, 'giveBack' as const) }) },
);

interface Call {
  readonly ask: AdmissionAsk;
  heldCents: number;
  attempt: number;
}

const usd = (cents: number): string => usdOf(picoOf(String(cents)) / 100n);
const cents = (text: string): number => Number((picoOf(text) * 100n) / picoOf('1'));

/** The world around the engine: ingresses with their tickets, the stream of events, and what was paid. */
function createWorld() {
  const open = new Map<string, Call>();
  /** Tickets without a job. */
  const spares = new Map<string, Call>();
  /** Calls that were admitted, by key. */
  const calls = new Map<string, number>();
  const waiting = new Map<string, AdmissionAsk>();
  const events: AttemptEvent[] = [];
  const paid = new Map<string, number>();
  let at = NOON;
  let count = 0;
  let stored: string | undefined;

  const onAnswer = (_ingress: string, answer: AdmissionAnswer): void => {
    const ask = waiting.get(answer.job);
    waiting.delete(answer.job);
    if (answer.admitted && ask !== undefined) begin({ ask, heldCents: cents(answer.ticket.heldUsd), attempt: 1 });
  };
  const begin = (call: Call): void => {
    const { job, by } = call.ask;
    open.set(job, call);
    calls.set(by.keyHash, (calls.get(by.keyHash) ?? 0) + 1);
  };
  const make = (): AdmissionEngine =>
    createAdmissionEngine({
      now: () => at,
      limitsOf: (scope) => LIMITS.get(scopeName(scope)),
      onAnswer,
      onStop: () => undefined,
      onAlert: () => undefined,
    });
  let engine = make();

  const pay = (call: Call, share: number, verdict: 'done' | 'move'): void => {
    const cost = Math.floor((call.heldCents * share) / 100);
    const { job, by } = call.ask;
    events.push(eventOf(job, usd(cost), { by, attempt: call.attempt, verdict, ...call.ask.candidates[0], endedAt: at, acceptedAt: at }));
    for (const name of scopesOf(call.ask)) paid.set(name, (paid.get(name) ?? 0) + cost);
    call.attempt += 1;
    // what a failed attempt cost can't be spent again
    call.heldCents -= cost;
    if (verdict === 'done') open.delete(job);
    const event = events.at(-1);
    if (event !== undefined) engine.settle(event, { seq: events.length });
  };
  const ticketOf = ({ ask, heldCents }: Call): OpenTicket => ({ ...ask, heldUsd: usd(heldCents), candidate: ask.candidates[0] });

  return {
    open,
    spares,
    calls,
    waiting,
    paid,
    engine: () => engine,
    run(one: Step): void {
      at += 10;
      if (one.do === 'ask') {
        count += 1;
        const by = { keyHash: one.key, ...(one.team ? { teamId: 't1' } : {}) };
        const candidates = [{ deploymentId: 'd1', provider: 'p1' }];
        const least = one.stoppable ? { leastUsd: usd(Math.min(1, one.most)) } : {};
        const ask = askFor(`j${count}`, { by, candidates, mostUsd: usd(one.most), ...least, acceptedAt: at, deadlineAt: at + 600_000 });
        waiting.set(ask.job, ask);
        const answer = engine.admit(ask, 'in1');
        if (answer !== undefined) onAnswer('in1', answer);
      } else if (one.do === 'spares') {
        const jobs = Array.from({ length: one.many }, () => `s${(count += 1)}`);
        const by = { keyHash: one.key, ...(one.team ? { teamId: 't1' } : {}) };
        const candidates = [{ deploymentId: 'd2', provider: 'p2' }];
        const like = askFor('', { by, candidates, mostUsd: usd(one.most), acceptedAt: at, deadlineAt: at + 600_000 });
        const { given = 0 } = engine.spare(like, jobs, 'in1') ?? {};
        for (const job of jobs.slice(0, given)) spares.set(job, { ask: { ...like, job }, heldCents: one.most, attempt: 1 });
      } else if (one.do === 'use') {
        const spare = [...spares.values()][one.pick % spares.size];
        if (spare === undefined) return;
        spares.delete(spare.ask.job);
        begin(spare);
      } else if (one.do === 'giveBack') {
        engine.unused([...spares.keys()]);
        spares.clear();
      } else if (one.do === 'pause') {
        engine.tick();
      } else if (one.do === 'takeover') {
        stored ??= JSON.stringify(engine.takeChanges());
        const before = stored;
        stored = undefined;
        // an ingress gives them back where another one leads
        spares.clear();
        engine = make();
        engine.restore(JSON.parse(before));
        events.forEach((event, index) => engine.settle(event, { seq: index + 1, isPast: true }));
        engine.beat('in1', [...open.values()].map(ticketOf));
        engine.begin();
        for (const ask of waiting.values()) {
          const answer = engine.admit(ask, 'in1');
          if (answer !== undefined) onAnswer('in1', answer);
        }
      } else if ('pick' in one) {
        const calls = [...open.values()];
        const call = calls[one.pick % calls.length];
        if (call === undefined) return;
        if (one.do === 'finish') pay(call, one.share, 'done');
        else if (one.do === 'move') pay(call, one.share, 'move');
        else if (one.do === 'topUp')
          call.heldCents = cents(engine.topUp({ job: call.ask.job, neededUsd: usd(call.heldCents + one.share) }).heldUsd);
        else if (one.do === 'repeat') engine.admit(call.ask, 'in1');
        else {
          open.delete(call.ask.job);
          engine.release(call.ask.job);
        }
      }
    },
  };
}

function scopesOf({ by, candidates }: AdmissionAsk): string[] {
  return [`key:${by.keyHash}`, `provider:${candidates[0]?.provider}`, ...(by.teamId === undefined ? [] : [`team:${by.teamId}`])];
}

test('in any order of asks, outcomes, releases, top-ups and takeovers no limit is passed, nothing leaks and spend is exact', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
      const world = createWorld();
      for (const one of steps) {
        world.run(one);
        for (const [name, limits] of LIMITS) {
          const held = [...world.open.values(), ...world.spares.values()].filter(({ ask }) => scopesOf(ask).includes(name));
          const heldCents = held.reduce((sum, call) => sum + Math.max(0, call.heldCents), 0);
          expect((world.paid.get(name) ?? 0) + heldCents, name).toBeLessThanOrEqual(LIMIT_CENTS);
          expect(held.length, name).toBeLessThanOrEqual(limits.parallel ?? Infinity);
          expect(world.calls.get(name.replace('key:', '')) ?? 0, name).toBeLessThanOrEqual(limits.rpm ?? Infinity);
        }
      }
      world.run({ do: 'giveBack' });
      while (world.open.size > 0) world.run({ do: 'finish', pick: 0, share: 0 });
      expect(world.waiting.size).toBe(0);
      expect(world.engine().figures()).toEqual({ holds: 0, parked: 0, reservedUsd: '0' });
      // a new leader does not know of calls that were released before it
      if (!steps.some((one) => one.do === 'takeover')) expectCounted(world.engine(), world.calls.get('k1') ?? 0);
      for (const [name] of LIMITS) expectSpent(world.engine(), name, world.paid.get(name) ?? 0);
    }),
    { numRuns: 400 },
  );
});

/** What was admitted counts for a minute, what was given back does not. */
function expectCounted(engine: AdmissionEngine, calls: number): void {
  const answer = engine.admit(askFor('last', { by: { keyHash: 'k1' }, mostUsd: '0' }), 'in1');
  if (answer?.admitted !== true) return expect(calls).toBe(40);
  expect(answer.remaining?.find(({ kind }) => kind === 'requests')?.remaining).toBe(String(40 - calls - 1));
  engine.release('last');
}

/** Asked for by a limit that is lowered to it: exactly what is left is admitted, and not a cent more. */
function expectSpent(engine: AdmissionEngine, name: string, paid: number): void {
  const accounts = engine.takeChanges().accounts.filter((account) => scopeName(account) === name);
  for (const { windows } of accounts) for (const { spentUsd } of Object.values(windows)) expect(cents(spentUsd), name).toBe(paid);
}
