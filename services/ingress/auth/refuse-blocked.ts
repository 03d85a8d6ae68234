import { type ErrorCode, GatewayError, type ScopeRecord } from '#contracts';
import type { CallerScopes } from './caller.ts';

/** Throws 401 (`team_blocked`, `user_blocked`, `organization_blocked`) or 403 `customer_blocked`. */
export function refuseBlocked({ organization, team, user, customer }: CallerScopes): void {
  refuse('organization_blocked', organization);
  refuse('team_blocked', team);
  refuse('user_blocked', user);
  refuse('customer_blocked', customer);
}

function refuse(code: ErrorCode, record: ScopeRecord | undefined): void {
  if (record?.blocked !== true) return;
  const owner = record.kind === 'customer' ? 'end user' : record.kind;
  const who = code === 'customer_blocked' ? '' : 'Authentication Error, ';
  throw new GatewayError(code, `${who}${owner} ${record.alias ?? record.id} is blocked.`);
}
