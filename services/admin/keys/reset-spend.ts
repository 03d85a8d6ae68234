import { z } from 'zod';
import type { BudgetWindow, Limits } from '#contracts';
import type { KeyChange, VirtualKey } from '#db';
import { type Caller, denied } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { alterAndPublish } from './alter-key.ts';
import { requireKey, withTeamsOrganization } from './find-key.ts';
import { administersKey } from './key-rights.ts';
import { shownKey } from './key-spend.ts';
import { keyRowView } from './key-view.ts';

export const resetSpendSchema = z.object({
  reset_to: z.literal(0, 'only 0 is supported: what was spent stays in the ledger, and is counted from now on').default(0),
});

/** `POST /key/{key}/reset_spend`: all its budgets begin to count now. The ledger keeps every row. */
export async function resetKeySpend(asked: string, body: unknown, caller: Caller, resources: AdminResources) {
  parseInput(body, { schema: resetSpendSchema, place: 'body' });
  const found = await requireKey(resources.db, asked);
  const previous = await shownKey(found, resources);
  const change = async (inside: AdminResources['db'], key: VirtualKey): Promise<KeyChange> => {
    if (!administersKey(caller, await withTeamsOrganization(inside, caller, key))) {
      throw denied('You do not administer the team or organization of this key.', 'key');
    }
    const now = resources.now();
    return { spendSince: now, limits: key.limits === null ? null : beginAnew(key.limits, now.getTime()) };
  };
  const key = await alterAndPublish(found.hash, { caller, action: 'spend_reset', change }, resources);
  return { key_hash: key.hash, previous_spend: Number(previous.spendUsd ?? '0'), ...keyRowView(key, await shownKey(key, resources)) };
}

function beginAnew(limits: Limits, now: number): Limits {
  const begin = (windows: readonly BudgetWindow[]): BudgetWindow[] => windows.map((window) => ({ ...window, startsAt: now }));
  const models = Object.entries(limits.models ?? {}).map(
    ([model, one]) => [model, one.budgets === undefined ? one : { ...one, budgets: begin(one.budgets) }] as const,
  );
  return {
    ...limits,
    ...(limits.budgets === undefined ? {} : { budgets: begin(limits.budgets) }),
    ...(models.length === 0 ? {} : { models: Object.fromEntries(models) }),
  };
}
