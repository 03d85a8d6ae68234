import type { Limits, ModelLimits, Scope } from '#contracts';
import {
  type BudgetMeter,
  createBudgetMeter,
  type MeterPlace,
  redefine,
  restoreMeter,
  type StoredMeter,
  storeMeter,
} from './budget-meter.ts';
import { createRateMeter, hasRates, type RateMeter } from './rate-meter.ts';

/** Everything that is counted for one scope. */
export interface Account {
  readonly scope: Scope;
  limits: Limits | undefined;
  /** By `meterName`. */
  readonly budgets: Map<string, BudgetMeter>;
  /** By model group; '' for all of them together. */
  readonly rates: Map<string, RateMeter>;
  /** Spend of windows that no limit names at this time: counting goes on from there when one does again. */
  readonly stored: Map<string, StoredMeter>;
  /** Stream sequence of the last event that is counted. */
  seq: number;
}

/** An account as it is kept outside of this process. */
export interface StoredAccount extends Scope {
  readonly seq: number;
  readonly windows: Readonly<Record<string, StoredMeter>>;
}

export function createAccount(scope: Scope, seq: number): Account {
  return { scope, limits: undefined, budgets: new Map(), rates: new Map(), stored: new Map(), seq };
}

export function restoreAccount({ kind, id, seq, windows }: StoredAccount): Account {
  return { ...createAccount({ kind, id }, seq), stored: new Map(Object.entries(windows)) };
}

export function storeAccount({ scope, seq, budgets }: Account): StoredAccount {
  return { ...scope, seq, windows: Object.fromEntries([...budgets].map(([name, meter]) => [name, storeMeter(meter)])) };
}

/**
 * Makes the account's meters those of its limits. Records are replaced whole when they change: the same object means no change. Whether there
 * was one.
 */
export function applyLimits(account: Account, limits: Limits | undefined, at: number): boolean {
  if (account.limits === limits) return false;
  account.limits = limits;
  const named = new Set<string>();
  const rated = new Set<string>();
  for (const [model, own] of [['', limits ?? {}] as const, ...Object.entries(limits?.models ?? {})]) {
    applyBudgets(account, { model, own, at }, named);
    if (!hasRates(own)) continue;
    rated.add(model);
    const meter = account.rates.get(model);
    if (meter) meter.limits = own;
    else account.rates.set(model, createRateMeter(placeOf(account, model), own));
  }
  for (const [name, meter] of account.budgets) if (!named.has(name)) setAside(account, name, meter);
  for (const model of account.rates.keys()) if (!rated.has(model)) account.rates.delete(model);
  return true;
}

interface OwnLimits {
  readonly model: string;
  readonly own: ModelLimits;
  readonly at: number;
}

function applyBudgets(account: Account, { model, own, at }: OwnLimits, named: Set<string>): void {
  for (const window of own.budgets ?? []) {
    const name = meterName(model, window.id);
    named.add(name);
    const meter = account.budgets.get(name);
    if (meter) redefine(meter, window, at);
    else account.budgets.set(name, restoredMeter(account, createBudgetMeter(placeOf(account, model), window, at), name));
  }
}

function placeOf({ scope }: Account, model: string): MeterPlace {
  return { scope, model: model === '' ? undefined : model };
}

function restoredMeter({ stored }: Account, meter: BudgetMeter, name: string): BudgetMeter {
  const before = stored.get(name);
  if (before !== undefined) restoreMeter(meter, before);
  stored.delete(name);
  return meter;
}

function setAside(account: Account, name: string, meter: BudgetMeter): void {
  account.stored.set(name, storeMeter(meter));
  account.budgets.delete(name);
}

/** Unique within an account: windows are named apart for each model. */
export function meterName(model: string, window: string): string {
  return model === '' ? window : `${model}/${window}`;
}

/** Adds what applies to a call of this model group. */
export function addBudgets(found: BudgetMeter[], { budgets }: Account, modelGroup: string): void {
  for (const meter of budgets.values()) if (meter.model === undefined || meter.model === modelGroup) found.push(meter);
}

export function addRates(found: RateMeter[], { rates }: Account, modelGroup: string): void {
  if (rates.size === 0) return;
  const ofAll = rates.get('');
  if (ofAll !== undefined) found.push(ofAll);
  const ofModel = modelGroup === '' ? undefined : rates.get(modelGroup);
  if (ofModel !== undefined) found.push(ofModel);
}
