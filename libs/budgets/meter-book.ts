import {
  type AskedCandidate,
  type AttemptEvent,
  type Attribution,
  type Limits,
  type NamedScope,
  namedScope,
  type Scope,
  scopeName,
} from '#contracts';
import {
  type Account,
  addBudgets,
  addRates,
  applyLimits,
  createAccount,
  restoreAccount,
  storeAccount,
  type StoredAccount,
} from './account.ts';
import { type BudgetMeter, count } from './budget-meter.ts';
import { createKnownScopes } from './known-scopes.ts';
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
  readonly limitsOf: (scope: NamedScope) => Limits | undefined;
}

/** What one event touches. */
interface Counted {
  readonly accounts: Account[];
  readonly meters: BudgetMeter[];
}

export function createMeterBook({ now, limitsOf }: MeterBookOptions): MeterBook {
  const accounts = new Map<string, Account>();
  const changed = new Set<Account>();
  const known = createKnownScopes();
  let seq = 0;

  const find = ({ kind, id, name }: NamedScope, limits: Limits | undefined): Account | undefined => {
    let account = accounts.get(name);
    if (account === undefined) {
      if (limits === undefined) return undefined;
      account = createAccount({ kind, id }, seq);
      accounts.set(name, account);
    }
    if (account.limits !== limits && applyLimits(account, limits, now())) changed.add(account);
    return account;
  };

  const chargeScopes = (scopes: readonly NamedScope[], { of, pico }: Charge, upTo: number, counted: Counted): void => {
    for (const scope of scopes) {
      const account = find(scope, limitsOf(scope));
      if (account === undefined || account.seq >= upTo || account.budgets.size === 0) continue;
      const first = counted.meters.length;
      addBudgets(counted.meters, account, of.modelGroup);
      const at = Math.min(of.endedAt, now());
      for (let index = first; index < counted.meters.length; index++) {
        const meter = counted.meters[index];
        if (meter !== undefined) count(meter, at, pico);
      }
      counted.accounts.push(account);
    }
  };

  return {
    ofCaller(by, modelGroup) {
      const found: { readonly budgets: BudgetMeter[]; readonly rates: RateMeter[] } = { budgets: [], rates: [] };
      for (const scope of known.ofCaller(by)) {
        const account = find(scope, limitsOf(scope));
        if (account === undefined) continue;
        addBudgets(found.budgets, account, modelGroup);
        addRates(found.rates, account, modelGroup);
      }
      return found;
    },
    ofCandidate(candidate) {
      const budgets: BudgetMeter[] = [];
      for (const scope of known.ofCandidate(candidate)) {
        const account = find(scope, limitsOf(scope));
        if (account !== undefined) addBudgets(budgets, account, '');
      }
      return budgets;
    },
    charge(upTo, charges) {
      const counted: Counted = { accounts: [], meters: [] };
      for (const charge of charges) {
        if (charge.pico === 0n) continue;
        chargeScopes(known.ofCaller(charge.of.by), charge, upTo, counted);
        chargeScopes(known.ofCandidate(charge.of), charge, upTo, counted);
      }
      // only now: an estimate and what replaces it are one event
      for (const account of counted.accounts) {
        account.seq = upTo;
        changed.add(account);
      }
      seq = Math.max(seq, upTo);
      return charges.length > 1 ? [...new Set(counted.meters)] : counted.meters;
    },
    refresh({ kind, id }) {
      const scope = namedScope(kind, id);
      find(scope, limitsOf(scope));
    },
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
