import { GatewayError } from '#contracts';
import { findBudgets } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { budgetIdSchema } from './budget-fields.ts';

const FIELDS = [
  ['max_budget', 'Float', 'US dollars that may be spent'],
  ['soft_budget', 'Float', 'US dollars at which its owner is told'],
  ['budget_duration', 'String', 'Length of a period: 24h, 7d, 1mo'],
  ['tpm_limit', 'Integer', 'Tokens per minute'],
  ['rpm_limit', 'Integer', 'Requests per minute'],
  ['max_parallel_requests', 'Integer', 'Requests at the same time'],
  ['model_max_budget', 'Object', 'Budgets by model'],
] as const;

/** `GET /budget/settings?budget_id=`: the fields of a budget for a form, as LiteLLM's dashboard reads them. */
export async function budgetSettings(query: unknown, { db }: AdminResources) {
  const { budget_id: id } = parseInput(query, { schema: budgetIdSchema, place: 'query' });
  const [budget] = await findBudgets(db, [id]);
  if (budget === undefined) throw new GatewayError('route_not_found', `There is no budget ${id}.`, { param: 'budget_id' });
  return FIELDS.map(([name, type, description]) => ({
    field_name: name,
    field_type: type,
    field_description: description,
    field_value: budget.fields[name] ?? null,
    stored_in_db: true,
    field_default_value: null,
  }));
}
