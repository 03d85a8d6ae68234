import { z } from 'zod';
import { picoOf, usdOf } from '#budgets';
import { type BudgetWindow, GatewayError, type Limits } from '#contracts';
import type { KeyChange, VirtualKey } from '#db';
import { type Caller, denied } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { alterAndPublish } from './alter-key.ts';
import { requireKey, withTeamsOrganization } from './find-key.ts';
import { administersKey } from './key-rights.ts';
import { budgetWindows, shownKey } from './key-spend.ts';
import { keyRowView } from './key-view.ts';

export const resetSpendSchema = z.object({
  reset_to: z.number().min(0, 'must not be negative').default(0).describe('US dollars, no more than is spent'),
});

/**
 * `POST /key/{key}/reset_spend`: all its budgets begin to count now, from `reset_to`, or from what they had spent where that is less. Those of
 * single models begin from nothing when the key does, and go on else. The ledger keeps every row. Throws `invalid_request` for more than is spent.
 */
export async function resetKeySpend(asked: string, body: unknown, caller: Caller, resources: AdminResources) {
  const { reset_to: resetTo } = parseInput(body, { schema: resetSpendSchema, place: 'body' });
  const carriedUsd = usdOf(picoOf(String(resetTo)));
  const found = await requireKey(resources.db, asked);
  const previous = await shownKey(found, resources);
  const change = async (inside: AdminResources['db'], key: VirtualKey): Promise<KeyChange> => {
    if (!administersKey(caller, await withTeamsOrganization(inside, caller, key))) {
      throw denied('You do not administer the team or organization of this key.', 'key');
    }
    const sources = { db: inside, now: resources.now };
    requireSpent(carriedUsd, (await shownKey(key, sources)).spendUsd ?? '0');
    const now = resources.now();
    const spent = new Map((await budgetWindows(key, sources)).budget_windows.map(({ id, spend_usd: usd }) => [id, usd]));
    const start = { at: now.getTime(), carriedUsd, spentIn: (id: string) => spent.get(id) ?? '0' };
    const spendCarriedUsd = picoOf(carriedUsd) === 0n ? null : carriedUsd;
    return { spendSince: now, spendCarriedUsd, limits: key.limits === null ? null : beginAnew(key.limits, start) };
  };
  const key = await alterAndPublish(found.hash, { caller, action: 'spend_reset', change }, resources);
  return { key_hash: key.hash, previous_spend: Number(previous.spendUsd ?? '0'), ...keyRowView(key, await shownKey(key, resources)) };
}

function requireSpent(carriedUsd: string, spentUsd: string): void {
  if (picoOf(carriedUsd) <= picoOf(spentUsd)) return;
  throw new GatewayError('invalid_request', `reset_to: the key has spent ${spentUsd}, which is less.`, { param: 'reset_to' });
}

interface Start {
  readonly at: number;
  readonly carriedUsd: string;
  readonly spentIn: (windowId: string) => string;
}

function beginAnew(limits: Limits, start: Start): Limits {
  const models = Object.entries(limits.models ?? {}).map(
    ([model, one]) =>
      [model, one.budgets === undefined ? one : { ...one, budgets: one.budgets.map((window) => fromNothing(window, start)) }] as const,
  );
  const isFromNothing = picoOf(start.carriedUsd) === 0n;
  return {
    ...limits,
    ...(limits.budgets === undefined ? {} : { budgets: limits.budgets.map((window) => fromCarried(window, start)) }),
    ...(models.length === 0 || !isFromNothing ? {} : { models: Object.fromEntries(models) }),
  };
}

function fromNothing({ carriedUsd: _carried, ...window }: BudgetWindow, { at }: Start): BudgetWindow {
  return { ...window, startsAt: at };
}

function fromCarried(window: BudgetWindow, start: Start): BudgetWindow {
  const spent = picoOf(start.spentIn(window.id));
  const asked = picoOf(start.carriedUsd);
  const carried = asked < spent ? asked : spent;
  const begun = fromNothing(window, start);
  return carried === 0n ? begun : { ...begun, carriedUsd: usdOf(carried) };
}
