import { type AdmissionAnswer, type AdmissionAsk, type BudgetAlert, type Limits, type Refusal, scopeName } from '#contracts';
import { type AdmissionEngine, createAdmissionEngine, type EngineOptions } from './engine.ts';
import { askFor, type EventChange, eventOf, NOON } from './test-calls.ts';

/** An engine for tests with its clock, its limits and all that it says. */
export function createTestEngine() {
  const limits = new Map<string, Limits>();
  const told: { readonly ingress: string; readonly answer: AdmissionAnswer }[] = [];
  const stopped: { readonly job: string; readonly refusal: Refusal }[] = [];
  const alerts: BudgetAlert[] = [];
  let at = NOON;
  let seq = 0;
  const make = (options: Partial<EngineOptions> = {}): AdmissionEngine =>
    createAdmissionEngine({
      now: () => at,
      limitsOf: (scope) => limits.get(scopeName(scope)),
      onAnswer: (ingress, answer) => told.push({ ingress, answer }),
      onStop: (_ingress, job, refusal) => stopped.push({ job, refusal }),
      onAlert: (alert) => alerts.push(alert),
      ...options,
    });
  let engine = make();
  return {
    limits,
    told,
    stopped,
    alerts,
    get at() {
      return at;
    },
    get seq() {
      return seq;
    },
    get engine() {
      return engine;
    },
    /** The next leader, which knows nothing yet. */
    replace(options: Partial<EngineOptions> = {}): AdmissionEngine {
      engine = make(options);
      return engine;
    },
    pass(ms: number): void {
      at += ms;
    },
    admit: (job: string, change: Partial<AdmissionAsk> = {}) =>
      engine.admit(askFor(job, { acceptedAt: at, deadlineAt: at + 60_000, ...change }), 'in1'),
    settle(job: string, usd: string | undefined, change: EventChange = {}): void {
      seq += 1;
      engine.settle(eventOf(job, usd, { acceptedAt: at, endedAt: at, ...change }), { seq });
    },
  };
}

export function kinds(answers: readonly (AdmissionAnswer | undefined)[]): string[] {
  return answers.map((one) => (one === undefined ? 'parked' : one.admitted ? 'admitted' : one.refusal.kind));
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function budget(limitUsd: string, more: object = {}): Limits {
  return { budgets: [{ id: 'b', limitUsd, ...more }] };
}
