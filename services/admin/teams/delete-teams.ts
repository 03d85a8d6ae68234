import { type Database, lockScopes, type StoredScope, transact } from '#db';
import { administersOrganization, type Caller, denied, isAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { deleteOwnedKeys } from '../scopes/delete-owned-keys.ts';
import { dropScopes } from '../scopes/drop-scopes.ts';
import { publishTouched, type Touched } from '../scopes/publish-scopes.ts';
import { lockAll, type Writing } from '../scopes/write-scope.ts';
import { teamIdsSchema } from './team-fields.ts';

/**
 * `POST /team/delete`: all of them or none. Their members' places and, unlike with LiteLLM, their keys are deleted with them, and refused
 * everywhere when this answers.
 */
export async function deleteTeams(body: unknown, caller: Caller, resources: AdminResources) {
  const { team_ids: ids } = parseInput(body, { schema: teamIdsSchema, place: 'body' });
  const touched = await transact(resources.db, async (inside) => {
    const teams = await lockAll(inside, 'team', [...new Set(ids)], 'team_ids');
    requireRights(teams, caller);
    return dropTeams({ inside, caller, resources }, teams);
  });
  await publishTouched(touched, resources);
  return {
    deleted_teams: ids,
    deleted_keys: touched.keys,
    message: `${ids.length} teams and ${touched.keys.length} keys of theirs were deleted.`,
  };
}

interface Dropped extends Touched {
  readonly scopes: readonly StoredScope[];
  readonly keys: readonly string[];
}

/** Teams that were locked in this transaction, with all that is in them. */
export async function dropTeams(writing: Writing, teams: readonly StoredScope[]): Promise<Dropped> {
  if (teams.length === 0) return { scopes: [], keys: [] };
  const ids = teams.map(({ id }) => id);
  const keys = await deleteOwnedKeys(writing, { teamIds: ids });
  const members = await dropScopes(writing, await membersOf(writing.inside, ids));
  const deleted = await dropScopes(writing, teams);
  return { scopes: [...deleted, ...members], keys };
}

function membersOf(inside: Database, teamIds: readonly string[]): Promise<StoredScope[]> {
  return lockScopes(inside, { kind: 'member', teamIds });
}

function requireRights(teams: readonly StoredScope[], caller: Caller): void {
  const foreign = teams.find(({ organizationId }) => organizationId === null || !administersOrganization(caller, organizationId));
  if (foreign === undefined || isAdmin(caller)) return;
  throw denied(`The team ${foreign.id} is not in an organization that you administer.`, 'team_ids');
}
