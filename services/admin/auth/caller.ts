import { GatewayError } from '#contracts';
import type { UserRole, VirtualKey } from '#db';

/**
 * What a caller can be. One can be several: a user who administers one team and is a member of another.
 *
 * - `proxy_admin`           the master key, or a key of a user with that role: everything
 * - `proxy_admin_viewer`    reads everything, changes nothing
 * - `org_admin`             administers an organization: its teams, their members and keys
 * - `team_admin`            administers a team: its members and keys
 * - `team_member`           is in a team, with the permissions that the team gives its members
 * - `internal_user`         has keys of its own and makes more of them
 * - `internal_user_viewer`  sees its own keys and spend, changes nothing
 * - `key_holder`            anybody with a virtual key: sees that key
 */
export const ROLES = [
  'proxy_admin',
  'proxy_admin_viewer',
  'org_admin',
  'team_admin',
  'team_member',
  'internal_user',
  'internal_user_viewer',
  'key_holder',
] as const;
export type Role = (typeof ROLES)[number];

/** A caller's place in one team. */
export interface TeamPlace {
  readonly teamId: string;
  readonly organizationId: string | undefined;
  readonly isAdmin: boolean;
  /** Management routes that the team lets its members call for keys of the team: `/key/generate`. */
  readonly permissions: readonly string[];
}

/** What the user behind a key may do here. */
export interface Standing {
  readonly roles: ReadonlySet<Role>;
  /** The user's own role; undefined for a key without a user, and for one whose user is not known here. */
  readonly userRole: UserRole | undefined;
  readonly teams: readonly TeamPlace[];
  /** Organizations that it administers. */
  readonly organizationIds: readonly string[];
  /** All organizations that it belongs to. */
  readonly memberOf: readonly string[];
}

interface Identity extends Standing {
  /** The user behind the key. */
  readonly userId: string | undefined;
  /** In whose name an administrator's own program acts (`litellm-changed-by`), for the audit log. */
  readonly changedBy?: string | undefined;
}

/** Who is asking: whoever has the master key, or a virtual key with all that its user stands for. */
export type Caller = (Identity & { readonly kind: 'master' }) | (Identity & { readonly kind: 'key'; readonly key: VirtualKey });

/** The name a change is recorded under. */
export function callerName(caller: Caller): string {
  if (caller.kind === 'master') return caller.changedBy ?? 'master-key';
  return caller.userId ?? caller.key.hash;
}

export function isAdmin(caller: Caller): boolean {
  return caller.roles.has('proxy_admin');
}

/** Whether it may read everything. */
export function seesAll(caller: Caller): boolean {
  return isAdmin(caller) || caller.roles.has('proxy_admin_viewer');
}

/** Throws `route_access_denied` for anyone but an administrator of the gateway. */
export function requireAdmin(caller: Caller): void {
  if (!isAdmin(caller)) throw denied('This needs the master key or a user with the role proxy_admin.');
}

/** Whether it may change the team and what belongs to it. `organizationId` is the team's. */
export function administersTeam(caller: Caller, teamId: string, organizationId?: string | null): boolean {
  if (isAdmin(caller)) return true;
  if (organizationId != null && administersOrganization(caller, organizationId)) return true;
  return caller.teams.some((place) => place.teamId === teamId && isAdminOf(place, caller));
}

function isAdminOf({ isAdmin: admin, organizationId }: TeamPlace, caller: Caller): boolean {
  return admin || (organizationId !== undefined && administersOrganization(caller, organizationId));
}

export function administersOrganization(caller: Caller, organizationId: string): boolean {
  return isAdmin(caller) || caller.organizationIds.includes(organizationId);
}

/** Whether it may see the team: as one that reads everything, as its administrator or as its member. */
export function seesTeam(caller: Caller, teamId: string, organizationId?: string | null): boolean {
  return seesAll(caller) || administersTeam(caller, teamId, organizationId) || caller.teams.some((place) => place.teamId === teamId);
}

/** Teams that it administers; of an organization's only those that it is itself a member of. */
export function administeredTeams(caller: Caller): string[] {
  return caller.teams.filter((place) => isAdminOf(place, caller)).map(({ teamId }) => teamId);
}

/** What is refused although the route may be called. */
export function denied(message: string, param?: string): GatewayError {
  return new GatewayError('route_access_denied', message, { param });
}
