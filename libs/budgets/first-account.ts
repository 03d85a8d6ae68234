import type { BudgetWindow, Limits, Scope } from '#contracts';
import { meterName, type StoredAccount } from './account.ts';
import { count, createBudgetMeter, storeMeter } from './budget-meter.ts';
import { picoOf } from './money.ts';
import { periodAt } from './period.ts';

/** A window of somebody's budget whose spend nobody has counted here. */
export interface UncountedWindow {
  readonly scope: Scope;
  readonly model: string | undefined;
  readonly window: BudgetWindow;
  /** Its present period began then, Unix milliseconds. */
  readonly startsAt: number;
}

export function uncountedWindows(scope: Scope, limits: Limits, at: number): readonly UncountedWindow[] {
  const all = [['', limits] as const, ...Object.entries(limits.models ?? {})];
  return all.flatMap(([name, own]) => {
    const model = name === '' ? undefined : name;
    return (own.budgets ?? []).map((window) => ({ scope, model, window, startsAt: periodAt(window, at).startsAt }));
  });
}

/** A scope's account that begins with what was found elsewhere. Of a rolling window all of it counts as spent now: it errs on the budget's side. */
export function firstAccount(scope: Scope, found: readonly (UncountedWindow & { readonly spentUsd: string })[], at: number): StoredAccount {
  const windows = found.map(({ model, window, spentUsd }) => {
    const meter = createBudgetMeter({ scope, model }, window, at);
    count(meter, at, picoOf(spentUsd));
    return [meterName(model ?? '', window.id), storeMeter(meter)] as const;
  });
  return { kind: scope.kind, id: scope.id, seq: 0, windows: Object.fromEntries(windows) };
}
