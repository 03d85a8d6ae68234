import type { OrganizationMember, StoredScope } from '#db';
import { spendView } from '../scopes/scope-spend.ts';
import { bookkeepingView, budgetTableView, limitView } from '../scopes/scope-view.ts';

export interface OrganizationViewOptions {
  readonly now: Date;
  readonly spendUsd?: string | undefined;
  readonly members: readonly OrganizationMember[];
  readonly teams?: readonly StoredScope[] | undefined;
}

/** An organization as LiteLLM's management API shows it. */
export function organizationView(organization: StoredScope, { now, spendUsd, members, teams = [] }: OrganizationViewOptions) {
  const { id, alias, budgetId, models, metadata, tags, blocked, fields, limits } = organization;
  return {
    organization_id: id,
    organization_alias: alias,
    budget_id: budgetId,
    models,
    metadata,
    tags,
    blocked,
    ...limitView(fields, limits, now),
    ...spendView(spendUsd),
    litellm_budget_table: budgetTableView(budgetId, fields, limits, now),
    members: members.map(memberView),
    teams: teams.map((team) => ({ team_id: team.id, team_alias: team.alias, models: team.models, blocked: team.blocked })),
    ...bookkeepingView(organization),
  };
}

export function memberView({ organizationId, userId, role, createdAt, updatedAt }: OrganizationMember) {
  return {
    organization_id: organizationId,
    user_id: userId,
    user_role: role,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}
