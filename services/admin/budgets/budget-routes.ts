import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import * as fields from './budget-fields.ts';
import { budgetSettings } from './budget-settings.ts';
import { budgetInfos, createBudget, deleteBudget, listAllBudgets, updateBudget } from './change-budget.ts';

const { get, post } = routeSpecs('budget management');

/** LiteLLM's paths and fields for budgets that several things share the terms of. */
export function registerBudgetRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = post('/budget/new', 'Make a budget', fields.newBudgetSchema, {
    budget_id: 'free-tier',
    max_budget: 1,
    budget_duration: '1d',
  });
  defineRoute(app, made, ({ body, caller }) => createBudget(body, caller, resources));
  const update = post('/budget/update', 'Change a budget and all that use it', fields.changedBudgetSchema, {
    budget_id: 'free-tier',
    max_budget: 2,
  });
  defineRoute(app, update, ({ body, caller }) => updateBudget(body, caller, resources));
  const removal = post('/budget/delete', 'Delete a budget', fields.deletedBudgetSchema, { id: 'free-tier' });
  defineRoute(app, removal, ({ body, caller }) => deleteBudget(body, caller, resources));
  const info = post('/budget/info', 'Budgets by their ids', fields.budgetIdsSchema, { budgets: ['free-tier'] });
  defineRoute(app, info, ({ body }) => budgetInfos(body, resources));
  defineRoute(app, get('/budget/list', 'All budgets'), () => listAllBudgets(resources));
  const settings = get('/budget/settings', 'A budget as fields of a form', fields.budgetIdSchema);
  defineRoute(app, settings, ({ query }) => budgetSettings(query, resources));
}
