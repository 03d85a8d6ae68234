import type { StoredScope } from '#db';
import { spendView } from '../scopes/scope-spend.ts';
import { bookkeepingView, limitView } from '../scopes/scope-view.ts';

export interface UserViewOptions {
  readonly now: Date;
  readonly spendUsd?: string | undefined;
  readonly teams?: readonly string[] | undefined;
}

/** A user as LiteLLM's management API shows it. */
export function userView(user: StoredScope, { now, spendUsd, teams = [] }: UserViewOptions) {
  return {
    user_id: user.id,
    user_email: user.email,
    user_alias: user.alias,
    user_role: user.role,
    sso_user_id: user.details['sso_user_id'] ?? null,
    organization_id: user.organizationId,
    teams,
    models: user.models,
    metadata: user.metadata,
    blocked: user.blocked,
    ...limitView(user.fields, user.limits, now),
    ...spendView(spendUsd),
    ...bookkeepingView(user),
  };
}
