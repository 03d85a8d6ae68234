import type { SpendVisibility } from '#db';
import { administeredTeams, type Caller, denied, seesAll } from '../auth/caller.ts';

/**
 * Whose spend a caller may see: administrators and viewers all of it; everybody else what its own key and user have spent, and the teams and
 * organizations that it administers.
 */
export function visibleSpend(caller: Caller): SpendVisibility {
  if (seesAll(caller)) return { all: true };
  return {
    all: false,
    keyHashes: caller.kind === 'key' ? [caller.key.hash] : [],
    // a name that nobody has made a user of is no proof of being that user
    userId: caller.userRole === undefined ? undefined : caller.userId,
    teamIds: administeredTeams(caller),
    organizationIds: caller.organizationIds,
  };
}

/** Throws `route_access_denied` when a key that sees itself alone asks for another one's spend. Whoever sees more just finds none of it. */
export function requireOwnKeys(caller: Caller, hashes: readonly string[] | undefined): void {
  const visible = visibleSpend(caller);
  if (visible.all || hashes === undefined) return;
  const { keyHashes = [], userId, teamIds = [], organizationIds = [] } = visible;
  const seesMore = userId !== undefined || teamIds.length > 0 || organizationIds.length > 0;
  if (!seesMore && !hashes.every((hash) => keyHashes.includes(hash))) throw denied('A virtual key can see its own spend only.', 'api_key');
}
