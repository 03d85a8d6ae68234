import { type LimitFields, toLimits } from '#budgets';
import { GatewayError, type Limits } from '#contracts';
import { type Database, findScope, lockBudget, type StoredScope } from '#db';
import type { AdminResources } from '../resources.ts';
import { limitFieldsOf } from './limit-schema.ts';
import { limitOptions } from './limit-options.ts';

/** What decides about the limits of a team, user and so on. */
export type LimitedScope = Pick<StoredScope, 'kind' | 'fields' | 'budgetId' | 'teamId' | 'limits'>;

/**
 * Limits from what was said of it itself, before what its shared budget says, before what a team says of its members. Null: none. The shared
 * budget is held until the transaction ends. Throws `invalid_request` that names the field, 404 for a budget that is not there.
 */
export async function limitsOf(
  inside: Database,
  scope: LimitedScope,
  resources: Pick<AdminResources, 'now' | 'stored'>,
): Promise<Limits | null> {
  const shared = scope.budgetId === null ? {} : limitFieldsOf(await requireBudget(inside, scope.budgetId));
  const inherited = scope.kind === 'member' && scope.teamId !== null ? await memberFields(inside, scope.teamId) : {};
  return limitsFrom([inherited, shared, limitFieldsOf(scope.fields)], scope.limits, resources);
}

/** The later count before the earlier ones. */
export function limitsFrom(
  sources: readonly LimitFields[],
  before: Limits | null,
  resources: Pick<AdminResources, 'now' | 'stored'>,
): Limits | null {
  const said = sources.map((fields) => Object.entries(fields).filter(([, value]) => value != null));
  return toLimits(Object.fromEntries(said.flat()), { ...limitOptions(resources), before: before ?? undefined }) ?? null;
}

async function requireBudget(inside: Database, id: string) {
  const budget = await lockBudget(inside, id, 'share');
  if (budget === undefined) throw new GatewayError('route_not_found', `There is no budget ${id}.`, { param: 'budget_id' });
  return budget.fields;
}

async function memberFields(inside: Database, teamId: string): Promise<LimitFields> {
  const team = await findScope(inside, { kind: 'team', id: teamId });
  return team === undefined ? {} : memberDefaults(team.details);
}

const MEMBER_FIELDS = {
  team_member_budget: 'max_budget',
  team_member_budget_duration: 'budget_duration',
  team_member_rpm_limit: 'rpm_limit',
  team_member_tpm_limit: 'tpm_limit',
} as const;

/** What a team says of each of its members. */
export function memberDefaults(details: Readonly<Record<string, unknown>>): LimitFields {
  return limitFieldsOf(Object.fromEntries(Object.entries(MEMBER_FIELDS).map(([field, limit]) => [limit, details[field]])));
}

/** Runs it; what it refuses under a limit's own name is refused under the name that the client knows it by. */
export async function inTheirNames<T>(names: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const theirs =
      error instanceof GatewayError && error.param != null && Object.hasOwn(names, error.param) ? names[error.param] : undefined;
    if (!(error instanceof GatewayError) || error.param == null || theirs === undefined) throw error;
    throw new GatewayError(error.code, error.message.replaceAll(error.param, theirs), { param: theirs, cause: error });
  }
}

export const TEAM_MEMBER_NAMES = Object.fromEntries(Object.entries(MEMBER_FIELDS).map(([field, limit]) => [limit, field]));
