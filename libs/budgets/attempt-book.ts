import { type AttemptEvent, attemptId } from '#contracts';
import { createRecentSet } from './recent-set.ts';

/** An estimate that the worker's own word may still replace: as much of its event as is needed to take it back. */
export type LostAttempt = Pick<
  AttemptEvent,
  'job' | 'attempt' | 'delivery' | 'by' | 'provider' | 'deploymentId' | 'modelGroup' | 'endedAt'
> & {
  /** As it was charged. */
  readonly costUsd: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

export type BookedAs =
  | { readonly kind: 'new' }
  /** It takes the place of this estimate. */
  | { readonly kind: 'replaces'; readonly lost: LostAttempt }
  /** It was counted before, as good or better. */
  | { readonly kind: 'known' };

/** Each attempt once, a `lost` one until its worker's own event comes, in whichever order: the ledger's rule, by the same name. */
export interface AttemptBook {
  book(event: AttemptEvent, charge: Pick<LostAttempt, 'costUsd'>): BookedAs;
  /** The estimates that are not replaced yet. */
  lost(): readonly LostAttempt[];
  restore(lost: readonly LostAttempt[]): void;
}

/** Stream and worker see to it that an event is stored once, unless minutes pass between. */
const ATTEMPTS = 50_000;
/** A worker that was taken for dead tells what its attempt cost when that ends. */
const LOST_ATTEMPTS = 10_000;

export function createAttemptBook(): AttemptBook {
  const counted = createRecentSet(ATTEMPTS);
  const lost = new Map<string, LostAttempt>();
  return {
    book(event, { costUsd }) {
      const name = attemptId(event.job, event.attempt, event.delivery);
      const estimate = lost.get(name);
      if (event.status !== 'lost') {
        if (counted.has(name)) return { kind: 'known' };
        counted.add(name);
        lost.delete(name);
        return estimate === undefined ? { kind: 'new' } : { kind: 'replaces', lost: estimate };
      }
      if (estimate !== undefined || counted.has(name)) return { kind: 'known' };
      lost.set(name, lostAttempt(event, costUsd));
      const [oldest] = lost.keys();
      if (lost.size > LOST_ATTEMPTS && oldest !== undefined) lost.delete(oldest);
      return { kind: 'new' };
    },
    lost: () => [...lost.values()],
    restore(attempts) {
      for (const one of attempts) lost.set(attemptId(one.job, one.attempt, one.delivery), one);
    },
  };
}

function lostAttempt(event: AttemptEvent, costUsd: string): LostAttempt {
  const { job, attempt, delivery, by, provider, deploymentId, modelGroup, endedAt, usage } = event;
  const { inputTokens, outputTokens } = usage;
  return { job, attempt, delivery, by, provider, deploymentId, modelGroup, endedAt, costUsd, inputTokens, outputTokens };
}
