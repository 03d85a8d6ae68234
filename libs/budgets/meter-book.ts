import {
  type AskedCandidate,
  type AttemptEvent,
  type Attribution,
  callerScopes,
  candidateScopes,
  type Limits,
  type Scope,
  scopeName,
} from '#contracts';
import {
  type Account,
  applyLimits,
  budgetsFor,
  createAccount,
  ratesFor,
  restoreAccount,
  storeAccount,
  type StoredAccount,
} from './account.ts';
import { type BudgetMeter, count } from './budget-meter.ts';
import type { RateMeter } from './rate-meter.ts';

export interface CallerMeters {
  readonly budgets: readonly BudgetMeter[];
  readonly rates: readonly RateMeter[];
}

/** Of an attempt: whom it is counted for. */
export type ChargedAttempt = Pick<AttemptEvent, 'by' | 'provider' | 'deploymentId' | 'modelGroup' | 'endedAt'>;

export interface Charge {
  readonly of: ChargedAttempt;
  readonly pico: bigint;
}

/** The accounts of all scopes that have limits. */
export interface MeterBook {
  ofCaller(by: Attribution, modelGroup: string): CallerMeters;
  ofCandidate(candidate: AskedCandidate): readonly BudgetMeter[];
  /** Counts what one event of the stream says, for each scope once however often it is read. The meters it touched. */
  charge(seq: number, charges: readonly Charge[]): readonly BudgetMeter[];
  /** Makes sure that changed limits count now, for asks that wait on them. */
  refresh(scope: Scope): void;
  /** The highest sequence that was read. */
  readonly seq: number;
  /** What changed since it was last asked. */
  takeChanged(): readonly StoredAccount[];
  /** Accounts as they were stored; those without are counted from `seq` on. */
  restore(accounts: readonly StoredAccount[], seq: number): void;
}

export interface MeterBookOptions {
  readonly now: () => number;
  readonly limitsOf: (scope: Scope) => Limits | undefined;
}

export function createMeterBook({ now, limitsOf }: MeterBookOptions): MeterBook {
  const accounts = new Map<string, Account>();
  const changed = new Set<Account>();
  let seq = 0;

  const find = (scope: Scope): Account | undefined => {
    const limits = limitsOf(scope);
    const name = scopeName(scope);
    let account = accounts.get(name);
    if (account === undefined) {
      if (limits === undefined) return undefined;
      account = createAccount(scope, seq);
      accounts.set(name, account);
    }
    if (applyLimits(account, limits, now())) changed.add(account);
    return account;
  };

  const chargeScope = (scope: Scope, { of, pico }: Charge, upTo: number): { account: Account; meters: BudgetMeter[] } | undefined => {
    const account = pico === 0n ? undefined : find(scope);
    if (account === undefined || account.seq >= upTo || account.budgets.size === 0) return undefined;
    const meters = budgetsFor(account, of.modelGroup);
    for (const meter of meters) count(meter, Math.min(of.endedAt, now()), pico);
    return { account, meters };
  };

  return {
    ofCaller(by, modelGroup) {
      const found = callerScopes(by).map(find);
      return {
        budgets: found.flatMap((account) => (account === undefined ? [] : budgetsFor(account, modelGroup))),
        rates: found.flatMap((account) => (account === undefined ? [] : ratesFor(account, modelGroup))),
      };
    },
    ofCandidate: (candidate) =>
      candidateScopes(candidate).flatMap((scope) => {
        const account = find(scope);
        return account === undefined ? [] : budgetsFor(account, '');
      }),
    charge(upTo, charges) {
      const counted = charges.flatMap((charge) =>
        [...callerScopes(charge.of.by), ...candidateScopes(charge.of)].map((scope) => chargeScope(scope, charge, upTo)),
      );
      const meters = new Set<BudgetMeter>();
      for (const one of counted) {
        if (one === undefined) continue;
        // only now: an estimate and what replaces it are one event
        one.account.seq = upTo;
        changed.add(one.account);
        for (const meter of one.meters) meters.add(meter);
      }
      seq = Math.max(seq, upTo);
      return [...meters];
    },
    refresh: (scope) => void find(scope),
    get seq() {
      return seq;
    },
    takeChanged() {
      const taken = [...changed].filter(({ budgets }) => budgets.size > 0).map(storeAccount);
      changed.clear();
      return taken;
    },
    restore(stored, upTo) {
      for (const one of stored) accounts.set(scopeName(one), restoreAccount(one));
      seq = upTo;
    },
  };
}
