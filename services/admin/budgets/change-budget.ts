import { randomUUID } from 'node:crypto';
import { GatewayError } from '#contracts';
import {
  createBudget as storeBudget,
  deleteBudget as dropBudget,
  type Database,
  findBudgets,
  listBudgets,
  lockBudget,
  transact,
  updateBudget as storeChange,
} from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName, requireAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { limitFieldsOf, mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { limitsFrom } from '../scopes/scope-limits.ts';
import { budgetIdsSchema, changedBudgetSchema, deletedBudgetSchema, newBudgetSchema, NOT_ENFORCED_BUDGET_FIELDS } from './budget-fields.ts';
import { budgetUsers, checkUsers, renewUsers } from './budget-users.ts';
import { budgetView } from './budget-view.ts';

/** `POST /budget/new`: a budget that keys, members, end users, organizations and tags may name. */
export async function createBudget(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: newBudgetSchema, notEnforced: NOT_ENFORCED_BUDGET_FIELDS, place: 'body' });
  const id = input.budget_id ?? randomUUID();
  const fields = mergeFields({}, saidLimits(input));
  limitsFrom([limitFieldsOf(fields)], null, resources);
  const budget = await transact(resources.db, async (inside) => {
    const made = await storeBudget(inside, { id, fields }, { by: callerName(caller) });
    if (made === undefined) throw new GatewayError('conflict', `There is a budget ${id} already.`, { param: 'budget_id' });
    await recordChange(inside, caller, { action: 'created', table: 'budgets', objectId: id, after: fields });
    return made;
  });
  return budgetView(budget, resources);
}

/** `POST /budget/update`: counts for everything that uses it when this answers. */
export async function updateBudget(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: changedBudgetSchema, notEnforced: NOT_ENFORCED_BUDGET_FIELDS, place: 'body' });
  const id = input.budget_id;
  const budget = await transact(resources.db, async (inside) => {
    const before = await requireBudget(inside, id, 'budget_id');
    const fields = mergeFields(before.fields, saidLimits(input));
    limitsFrom([limitFieldsOf(fields)], null, resources);
    checkUsers(await budgetUsers(inside, id), fields, resources);
    const after = await storeChange(inside, id, { fields }, { by: callerName(caller) });
    await recordChange(inside, caller, { action: 'updated', table: 'budgets', objectId: id, before: before.fields, after: fields });
    return after ?? before;
  });
  const touched = await renewUsers(await budgetUsers(resources.db, id), caller, resources);
  await publishTouched(touched, resources);
  return budgetView(budget, resources);
}

/** `POST /budget/delete`. What is used can't be deleted: its users would have no limit from one moment to the next. */
export async function deleteBudget(body: unknown, caller: Caller, { db }: AdminResources) {
  requireAdmin(caller);
  const { id } = parseInput(body, { schema: deletedBudgetSchema, place: 'body' });
  const fields = await transact(db, async (inside) => {
    const budget = await requireBudget(inside, id, 'id');
    const { scopes, keys } = await budgetUsers(inside, id);
    if (scopes.length + keys.length > 0) {
      const names = [...scopes.map((scope) => `${scope.kind} ${scope.id}`), ...keys.map((key) => `key ${key.masked}`)]
        .slice(0, 3)
        .join(', ');
      throw new GatewayError('conflict', `${scopes.length + keys.length} still use this budget (${names} …): take it from them first.`, {
        param: 'id',
      });
    }
    await dropBudget(inside, id);
    await recordChange(inside, caller, { action: 'deleted', table: 'budgets', objectId: id, before: budget.fields });
    return budget.fields;
  });
  return { budget_id: id, ...fields, deleted: true };
}

async function requireBudget(inside: Database, id: string, param: string) {
  const budget = await lockBudget(inside, id, 'update');
  if (budget === undefined) throw new GatewayError('route_not_found', `There is no budget ${id}.`, { param });
  return budget;
}

/** `POST /budget/info`: those that were named. */
export async function budgetInfos(body: unknown, resources: AdminResources) {
  const { budgets: ids } = parseInput(body, { schema: budgetIdsSchema, place: 'body' });
  const found = await findBudgets(resources.db, ids);
  const missing = ids.findIndex((id) => !found.some((budget) => budget.id === id));
  if (missing >= 0) throw new GatewayError('route_not_found', `There is no budget ${ids[missing]}.`, { param: `budgets[${missing}]` });
  return found.map((budget) => budgetView(budget, resources));
}

/** `GET /budget/list`. */
export async function listAllBudgets(resources: AdminResources) {
  return (await listBudgets(resources.db)).map((budget) => budgetView(budget, resources));
}
