import { changeVirtualKey, type Database, findScope, findScopes, keysWithBudget, type StoredScope, transact, type VirtualKey } from '#db';
import { GatewayError, type ScopeKind } from '#contracts';
import { type Caller, callerName } from '../auth/caller.ts';
import { keyLimits } from '../keys/key-settings.ts';
import type { AdminResources } from '../resources.ts';
import { limitFieldsOf } from '../scopes/limit-schema.ts';
import type { Touched } from '../scopes/publish-scopes.ts';
import { limitsFrom } from '../scopes/scope-limits.ts';
import { alterScope, lockScope } from '../scopes/write-scope.ts';

/** What names a shared budget. */
export interface BudgetUsers {
  readonly scopes: readonly StoredScope[];
  readonly keys: readonly VirtualKey[];
}

const KINDS: readonly ScopeKind[] = ['organization', 'member', 'customer', 'tag'];

export async function budgetUsers(db: Database, budgetId: string): Promise<BudgetUsers> {
  const scopes: StoredScope[] = [];
  for (const kind of KINDS) scopes.push(...(await findScopes(db, { kind, budgetId })));
  return { scopes, keys: await keysWithBudget(db, budgetId) };
}

/** Throws `conflict` when one of them has limits of its own that make no sense beside what the budget is to say. */
export function checkUsers(users: BudgetUsers, fields: Readonly<Record<string, unknown>>, resources: AdminResources): void {
  const shared = limitFieldsOf(fields);
  const check = (what: string, own: Readonly<Record<string, unknown>>): void => {
    try {
      limitsFrom([shared, limitFieldsOf(own)], null, resources);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      throw new GatewayError('conflict', `${what} uses this budget, and could not with this: ${error.message}`, {
        param: error.param,
        cause: error,
      });
    }
  };
  for (const scope of users.scopes) check(`The ${scope.kind} ${scope.id}`, scope.fields);
  for (const key of users.keys) check(`The key ${key.masked}`, key.limitFields);
}

/**
 * Works out anew what follows from the budget for whatever uses it; each by itself, in the order in which others lock them too (first what
 * uses the budget, then the budget): whoever begins to use it meanwhile reads what it says now.
 */
export async function renewUsers(users: BudgetUsers, caller: Caller, resources: AdminResources): Promise<Touched> {
  const { db } = resources;
  for (const scope of users.scopes) {
    await transact(db, async (inside) => {
      // deleted meanwhile: nothing is left to be done
      if ((await findScope(inside, scope)) === undefined) return;
      await alterScope({ inside, caller, resources }, await lockScope(inside, scope), {});
    });
  }
  for (const { hash } of users.keys) {
    await changeVirtualKey(db, hash, {
      by: callerName(caller),
      change: async (key, inside) => ({ limits: await keyLimits(inside, key, resources) }),
    });
  }
  return { scopes: users.scopes, keys: users.keys.map(({ hash }) => hash) };
}
