import type { Role } from './caller.ts';

/**
 * Who may call which management route, `<METHOD> <path as it is registered>`. The one place where this is decided: a route that is not here
 * is refused to everybody (and fails a test). It says who comes in; which keys, teams and users each of them sees or changes behind the door
 * is narrowed by the handler with the functions of `caller.ts`.
 */
const ADMIN: readonly Role[] = ['proxy_admin'];
const ADMIN_READS: readonly Role[] = ['proxy_admin', 'proxy_admin_viewer'];
const ORGANIZATION: readonly Role[] = ['proxy_admin', 'org_admin'];
const TEAM: readonly Role[] = ['proxy_admin', 'org_admin', 'team_admin'];
/** Whoever has keys to change: its own, or its team's. */
const KEY_OWNERS: readonly Role[] = ['proxy_admin', 'org_admin', 'team_admin', 'team_member', 'internal_user'];
const TEAM_READS: readonly Role[] = [
  'proxy_admin',
  'proxy_admin_viewer',
  'org_admin',
  'team_admin',
  'team_member',
  'internal_user',
  'internal_user_viewer',
];
const ANYBODY: readonly Role[] = [...TEAM_READS, 'key_holder'];
const WEBHOOK_OWNERS: readonly Role[] = [...KEY_OWNERS, 'key_holder'];

export const ROUTE_POLICY: Readonly<Record<string, readonly Role[]>> = {
  // keys
  'POST /key/generate': KEY_OWNERS,
  'POST /key/service-account/generate': TEAM,
  'POST /key/update': KEY_OWNERS,
  'POST /key/bulk_update': ADMIN,
  'POST /team/key/bulk_update': TEAM,
  'POST /key/delete': KEY_OWNERS,
  'GET /key/info': ANYBODY,
  'POST /v2/key/info': ANYBODY,
  'GET /key/list': ANYBODY,
  'GET /key/aliases': ANYBODY,
  'POST /key/block': KEY_OWNERS,
  'POST /key/unblock': TEAM,
  'POST /key/regenerate': KEY_OWNERS,
  'POST /key/:key/regenerate': KEY_OWNERS,
  'POST /key/:key/reset_spend': TEAM,
  'POST /key/health': ANYBODY,
  'POST /key/rotated': ANYBODY,

  // what was changed
  'GET /audit': ADMIN_READS,
  'GET /audit/:id': ADMIN_READS,

  // teams
  'POST /team/new': [...ORGANIZATION, 'internal_user'],
  'POST /team/update': TEAM,
  'PATCH /team/:team_id': TEAM,
  'POST /team/delete': ORGANIZATION,
  'GET /team/info': TEAM_READS,
  'GET /team/list': TEAM_READS,
  'GET /v2/team/list': TEAM_READS,
  'GET /team/available': TEAM_READS,
  'GET /team/:team_id/members/me': TEAM_READS,
  'POST /team/member_add': TEAM,
  'POST /team/member_update': TEAM,
  'POST /team/member_delete': TEAM,
  'POST /team/bulk_member_add': TEAM,
  'POST /team/block': ORGANIZATION,
  'POST /team/unblock': ORGANIZATION,
  'POST /team/model/add': TEAM,
  'POST /team/model/delete': TEAM,
  'GET /team/permissions_list': TEAM_READS,
  'POST /team/permissions_update': TEAM,
  'POST /team/permissions_bulk_update': ADMIN,

  // users
  'POST /user/new': ORGANIZATION,
  'POST /user/update': ADMIN,
  'POST /user/bulk_update': ADMIN,
  'POST /user/delete': ADMIN,
  'POST /user/block': ADMIN,
  'POST /user/unblock': ADMIN,
  'GET /user/info': ANYBODY,
  'GET /v2/user/info': ANYBODY,
  'GET /user/list': [...ADMIN_READS, 'org_admin'],
  'GET /user/get_users': [...ADMIN_READS, 'org_admin'],
  'GET /user/available_users': ADMIN_READS,

  // organizations
  'POST /organization/new': ADMIN,
  'POST /organization/update': ORGANIZATION,
  'PATCH /organization/update': ORGANIZATION,
  'POST /organization/delete': ADMIN,
  'DELETE /organization/delete': ADMIN,
  'GET /organization/info': TEAM_READS,
  'POST /organization/info': TEAM_READS,
  'GET /organization/list': TEAM_READS,
  'POST /organization/member_add': ORGANIZATION,
  'PATCH /organization/member_update': ORGANIZATION,
  'POST /organization/member_update': ORGANIZATION,
  'DELETE /organization/member_delete': ORGANIZATION,
  'POST /organization/member_delete': ORGANIZATION,
  'POST /organization/block': ADMIN,
  'POST /organization/unblock': ADMIN,

  // end users, under both of their names
  ...bothNames('customer', 'end_user', {
    'POST new': ADMIN,
    'POST update': ADMIN,
    'POST delete': ADMIN,
    'POST block': ADMIN,
    'POST unblock': ADMIN,
    'GET info': ADMIN_READS,
    'GET list': ADMIN_READS,
  }),

  // shared budgets and tags
  'POST /budget/new': ADMIN,
  'POST /budget/update': ADMIN,
  'POST /budget/delete': ADMIN,
  'POST /budget/info': ADMIN_READS,
  'GET /budget/list': ADMIN_READS,
  'GET /budget/settings': ADMIN_READS,
  'POST /tag/new': ADMIN,
  'POST /tag/update': ADMIN,
  'POST /tag/delete': ADMIN,
  'POST /tag/info': ADMIN_READS,
  'GET /tag/list': ADMIN_READS,

  // models and settings
  'POST /model/new': TEAM,
  'POST /model/update': TEAM,
  'PATCH /model/:id/update': TEAM,
  'POST /model/delete': TEAM,
  'POST /model/block': TEAM,
  'POST /model/unblock': TEAM,
  'POST /access_group/new': ADMIN,
  'GET /access_group/list': ADMIN_READS,
  'GET /access_group/:access_group/info': ADMIN_READS,
  'PUT /access_group/:access_group/update': ADMIN,
  'DELETE /access_group/:access_group/delete': ADMIN,
  'POST /credentials': ADMIN,
  'GET /credentials': ADMIN_READS,
  'GET /credentials/by_name/:credential_name': ADMIN_READS,
  'PATCH /credentials/:credential_name': ADMIN,
  'DELETE /credentials/:credential_name': ADMIN,
  'POST /config/update': ADMIN,
  'GET /router/settings': ADMIN_READS,
  'GET /queue/list': ADMIN_READS,
  'GET /queue/depth': ADMIN_READS,
  'GET /queue/holds': ADMIN_READS,
  'POST /queue/pause': ADMIN,
  'POST /queue/drain': ADMIN,
  'POST /queue/resume': ADMIN,
  'POST /fallback': ADMIN,
  'GET /fallback/:model': ADMIN_READS,
  'DELETE /fallback/:model': ADMIN,

  // spend: everybody sees what its own spend is
  'GET /spend/logs': ANYBODY,
  'GET /spend/logs/v2': ANYBODY,
  'GET /spend/logs/ui/:request_id': ANYBODY,
  'GET /spend/sessions': ANYBODY,
  'GET /spend/tags': ANYBODY,
  'GET /spend/keys': ANYBODY,
  'GET /spend/users': ANYBODY,
  'POST /spend/calculate': ANYBODY,
  ...Object.fromEntries(
    ['', '/report', '/keys', '/teams', '/models', '/provider', '/end_users', '/logs', '/tags'].map((report) => [
      `GET /global/spend${report}`,
      ANYBODY,
    ]),
  ),
  'POST /global/spend/end_users': ANYBODY,
  'GET /global/activity': ANYBODY,
  'GET /global/activity/model': ANYBODY,
  ...Object.fromEntries(
    ['user', 'team', 'organization', 'customer', 'tag', 'agent'].flatMap((name) => [
      [`GET /${name}/daily/activity`, ANYBODY],
      [`GET /${name}/daily/activity/aggregated`, ANYBODY],
    ]),
  ),
  'POST /v1/feedback': ANYBODY,
  'POST /feedback': ANYBODY,
  // it has prompts in it
  'GET /route/outcomes': ADMIN,
  'GET /alerts': ADMIN_READS,

  // what is configured is no secret; an external guardrail costs something
  'GET /guardrails/list': ANYBODY,
  'GET /v2/guardrails/list': ANYBODY,
  'POST /guardrails/apply_guardrail': ANYBODY,
  'POST /apply_guardrail': ANYBODY,

  // what could not be worked off
  'GET /dead': ADMIN_READS,
  'GET /dead/:id': ADMIN_READS,
  'POST /dead/redrive': ADMIN,
  'POST /dead/purge': ADMIN,

  // who is told what becomes of jobs and batches: everybody for its own key
  'POST /webhooks': WEBHOOK_OWNERS,
  'GET /webhooks': ANYBODY,
  'GET /webhooks/deliveries': ANYBODY,
  'POST /webhooks/deliveries/:id/redeliver': WEBHOOK_OWNERS,
  'PATCH /webhooks/:id': WEBHOOK_OWNERS,
  'DELETE /webhooks/:id': WEBHOOK_OWNERS,
};

function bothNames(one: string, other: string, routes: Readonly<Record<string, readonly Role[]>>): Record<string, readonly Role[]> {
  return Object.fromEntries(
    [one, other].flatMap((name) => Object.entries(routes).map(([route, roles]) => [route.replace(' ', ` /${name}/`), roles])),
  );
}

/** Undefined for a route that nobody has decided about. A HEAD is the GET without its body. */
export function rolesFor(method: string, url: string): readonly Role[] | undefined {
  const name = `${method === 'HEAD' ? 'GET' : method} ${url}`;
  return Object.hasOwn(ROUTE_POLICY, name) ? ROUTE_POLICY[name] : undefined;
}
