import type { KeyVisibility, VirtualKey } from '#db';
import {
  administeredTeams,
  administersOrganization,
  administersTeam,
  type Caller,
  callerName,
  denied,
  isAdmin,
  seesAll,
} from '../auth/caller.ts';

type Owned = Pick<VirtualKey, 'hash' | 'userId' | 'teamId' | 'organizationId' | 'createdBy'>;

/** What may be done with a key: `/key/update` …, as a team names what its members may. */
export type KeyAction = '/key/generate' | '/key/update' | '/key/delete' | '/key/regenerate' | '/key/block';

/** Whether it administers whatever the key belongs to. */
export function administersKey(caller: Caller, { teamId, organizationId }: Owned): boolean {
  if (isAdmin(caller)) return true;
  if (teamId !== null && administersTeam(caller, teamId, organizationId)) return true;
  return organizationId !== null && administersOrganization(caller, organizationId);
}

/** Whether it may see the key, with its spend and its limits. */
export function seesKey(caller: Caller, key: Owned): boolean {
  if (seesAll(caller) || administersKey(caller, key)) return true;
  if (caller.kind === 'key' && caller.key.hash === key.hash) return true;
  return caller.userRole !== undefined && key.userId !== null && key.userId === caller.userId;
}

/**
 * Throws `route_access_denied` unless it may. A user's own keys are the user's to change; those for a team only as far as the team lets its
 * members (`team_member_permissions`).
 */
export function requireKeyRight(caller: Caller, key: Owned, action: KeyAction): void {
  if (administersKey(caller, key)) return;
  const isOwn = key.userId !== null && key.userId === caller.userId;
  if (!isOwn) throw denied(`This key is not yours. It takes an administrator of the gateway, or of the key's team or organization.`, 'key');
  if (key.teamId === null && caller.userRole === 'internal_user') return;
  if (key.teamId !== null && hasPermission(caller, key.teamId, action)) return;
  throw denied(`The team of this key does not let its members do this: ${action} is not among its team_member_permissions.`, 'key');
}

export function hasPermission(caller: Caller, teamId: string, action: KeyAction): boolean {
  return caller.teams.some((place) => place.teamId === teamId && place.permissions.includes(action));
}

/** Fields that only change how a key is found: its user may set them even where somebody else decides what it may. */
const HARMLESS: ReadonlySet<string> = new Set([
  'key',
  'key_alias',
  'metadata',
  'new_key',
  'grace_period',
  'auto_rotate',
  'rotation_interval',
]);

/**
 * Throws for limits and rights of a key that somebody else has given to its user: they are for whoever gave it. A key that the user has made
 * is the user's in all.
 */
export function requireFieldRights(caller: Caller, key: Owned, input: Readonly<Record<string, unknown>>): void {
  if (administersKey(caller, key) || key.createdBy === callerName(caller)) return;
  const field = Object.keys(input).find((name) => input[name] !== undefined && !HARMLESS.has(name));
  if (field !== undefined) throw denied(`${field}: this key was made for you by somebody else, who decides what it may.`, field);
}

/** The keys that it may see; undefined: all. */
export function visibleKeys(caller: Caller): KeyVisibility | undefined {
  if (seesAll(caller)) return undefined;
  return {
    hashes: caller.kind === 'key' ? [caller.key.hash] : [],
    userIds: caller.userRole !== undefined && caller.userId !== undefined ? [caller.userId] : [],
    teamIds: administeredTeams(caller),
    organizationIds: caller.organizationIds,
  };
}
