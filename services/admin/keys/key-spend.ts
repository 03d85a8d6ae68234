import { periodAt, picoOf, usdOf } from '#budgets';
import { type KeySpendQuery, spendOfKeysSince, type VirtualKey } from '#db';
import type { AdminResources } from '../resources.ts';
import type { KeyShown } from './key-view.ts';

type Sources = Pick<AdminResources, 'db' | 'now'>;

/** What is shown as a key's spend: that of the present period of `max_budget`, as in LiteLLM, or since it was reset, or ever. */
function shownSince(key: VirtualKey, now: Date): KeySpendQuery {
  const main = key.limits?.budgets?.find(({ id, period }) => id === 'budget' && period !== undefined);
  const startsAt = main === undefined ? 0 : periodAt(main, now.getTime()).startsAt;
  const since = Math.max(startsAt, key.spendSince?.getTime() ?? 0);
  return { hash: key.hash, since: since === 0 ? null : new Date(since) };
}

export async function shownKey(key: VirtualKey, sources: Sources): Promise<KeyShown> {
  const [shown] = await shownKeys([key], sources);
  return shown ?? {};
}

/** In the order of the keys. */
export async function shownKeys(keys: readonly VirtualKey[], { db, now }: Sources): Promise<KeyShown[]> {
  const at = now();
  const spend = await spendOfKeysSince(
    db,
    keys.map((key) => shownSince(key, at)),
  );
  return keys.map((key, index) => {
    const isSinceReset = key.spendSince !== null && shownSince(key, at).since?.getTime() === key.spendSince.getTime();
    return { now: at, spendUsd: withCarried(spend[index], isSinceReset ? key.spendCarriedUsd : null) };
  });
}

function withCarried(spentUsd: string | undefined, carriedUsd: string | null | undefined): string | undefined {
  return spentUsd === undefined || carriedUsd == null ? spentUsd : usdOf(picoOf(spentUsd) + picoOf(carriedUsd));
}

/** Every window of a key's budget with what is spent in its present period, and its spend of all time. */
export async function budgetWindows(key: VirtualKey, { db, now }: Sources) {
  const at = now().getTime();
  const windows = key.limits?.budgets ?? [];
  const bounds = windows.map((window) => periodAt(window, at));
  const since = bounds.map(({ startsAt }) => ({ hash: key.hash, since: startsAt === 0 ? null : new Date(startsAt) }));
  const [total = '0', ...spend] = await spendOfKeysSince(db, [{ hash: key.hash, since: null }, ...since]);
  return {
    total_spend: Number(total),
    total_spend_usd: total,
    budget_windows: windows.map((window, index) => ({
      id: window.id,
      budget_duration: window.period ?? null,
      budget_reset: window.reset ?? null,
      max_budget_usd: window.limitUsd,
      spend_usd: withCarried(spend[index], bounds[index]?.startsAt === window.startsAt ? window.carriedUsd : null) ?? '0',
      starts_at: instant(bounds[index]?.startsAt),
      resets_at: instant(bounds[index]?.endsAt),
    })),
  };
}

function instant(time: number | undefined): string | null {
  return time === undefined || time === 0 ? null : new Date(time).toISOString();
}
