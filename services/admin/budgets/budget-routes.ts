import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import * as fields from './budget-fields.ts';
import { budgetSettings } from './budget-settings.ts';
import { budgetInfos, createBudget, deleteBudget, listAllBudgets, updateBudget } from './change-budget.ts';

const tag = 'budget management';
const post = (name: string, summary: string, body: RouteSpec['body'], example: unknown): RouteSpec => ({
  method: 'POST',
  url: `/budget/${name}`,
  tag,
  summary,
  body,
  example,
});

/** LiteLLM's paths and fields for budgets that several things share the terms of. */
export function registerBudgetRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = post('new', 'Make a budget', fields.newBudgetSchema, { budget_id: 'free-tier', max_budget: 1, budget_duration: '1d' });
  defineRoute(app, made, ({ body, caller }) => createBudget(body, caller, resources));
  const update = post('update', 'Change a budget and all that use it', fields.changedBudgetSchema, {
    budget_id: 'free-tier',
    max_budget: 2,
  });
  defineRoute(app, update, ({ body, caller }) => updateBudget(body, caller, resources));
  const removal = post('delete', 'Delete a budget', fields.deletedBudgetSchema, { id: 'free-tier' });
  defineRoute(app, removal, ({ body, caller }) => deleteBudget(body, caller, resources));
  const info = post('info', 'Budgets by their ids', fields.budgetIdsSchema, { budgets: ['free-tier'] });
  defineRoute(app, info, ({ body }) => budgetInfos(body, resources));
  defineRoute(app, { method: 'GET', url: '/budget/list', tag, summary: 'All budgets' }, () => listAllBudgets(resources));
  const settings: RouteSpec = {
    method: 'GET',
    url: '/budget/settings',
    tag,
    summary: 'A budget as fields of a form',
    query: fields.budgetIdSchema,
  };
  defineRoute(app, settings, ({ query }) => budgetSettings(query, resources));
}
