import type { StoredScope } from '#db';
import { bookkeepingView, budgetTableView, limitView } from '../scopes/scope-view.ts';
import { spendView } from '../scopes/scope-spend.ts';
import { memberDefaults } from '../scopes/scope-limits.ts';
import { memberPermissions, newMemberModels } from './team-details.ts';

export interface TeamMembers {
  readonly members: readonly StoredScope[];
  /** The members' own rows, for their addresses. */
  readonly users: readonly Pick<StoredScope, 'id' | 'email'>[];
}

/** A team as LiteLLM's management API shows it. */
export function teamView(
  team: StoredScope,
  { members, users }: TeamMembers,
  { now, spendUsd }: { now: Date; spendUsd?: string | undefined },
) {
  const emails = new Map(users.map(({ id, email }) => [id, email]));
  const roles = members.map(({ userId, role }) => ({
    user_id: userId,
    user_email: emails.get(userId ?? '') ?? null,
    role: role ?? 'user',
  }));
  const idsOf = (wanted: string) => roles.filter(({ role }) => role === wanted).flatMap(({ user_id }) => user_id ?? []);
  return {
    team_id: team.id,
    team_alias: team.alias,
    organization_id: team.organizationId,
    admins: idsOf('admin'),
    members: idsOf('user'),
    members_with_roles: roles,
    models: team.models,
    model_aliases: team.aliases,
    metadata: team.metadata,
    tags: team.tags,
    blocked: team.blocked,
    ...limitView(team.fields, team.limits, now),
    ...spendView(spendUsd),
    ...memberDefaultsView(team, now),
    ...bookkeepingView(team),
  };
}

function memberDefaultsView({ details }: StoredScope, now: Date) {
  const said = memberDefaults(details);
  const table = Object.values(said).every((value) => value == null) ? null : { budget_id: null, ...limitView({ ...said }, null, now) };
  return {
    team_member_permissions: memberPermissions(details),
    default_team_member_models: newMemberModels(details),
    team_member_budget_table: table,
  };
}

/** A member's place in a team. */
export function membershipView(member: StoredScope, { now, spendUsd }: { now: Date; spendUsd?: string | undefined }) {
  return {
    team_id: member.teamId,
    user_id: member.userId,
    role: member.role,
    budget_id: member.budgetId,
    allowed_models: member.models,
    ...spendView(spendUsd),
    litellm_budget_table: budgetTableView(member.budgetId, member.fields, member.limits, now),
  };
}
