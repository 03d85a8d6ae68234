import { GatewayError, memberId } from '#contracts';
import { type Database, findScopes, lockScopes, type StoredScope } from '#db';
import type { z } from 'zod';
import { mergeFields } from '../scopes/limit-schema.ts';
import { inTheirNames } from '../scopes/scope-limits.ts';
import { addScope, alterScope, scopeNotFound, type Writing } from '../scopes/write-scope.ts';
import { newUserId } from '../users/new-user-id.ts';
import { newMemberModels } from './team-details.ts';
import type { MemberLimitsInput, MemberRole, memberSchema } from './team-fields.ts';

type MemberInput = z.infer<typeof memberSchema>;

export interface AddedMember {
  readonly user: StoredScope;
  readonly member: StoredScope;
  readonly isNewUser: boolean;
}

const MEMBER_NAMES = { max_budget: 'max_budget_in_team' } as const;

/**
 * Puts users into a team. As in LiteLLM a user that nobody has made yet is made by that. Throws `conflict` for one that is a member already,
 * and makes none of them then.
 */
export async function addMembers(
  writing: Writing,
  team: StoredScope,
  members: readonly MemberInput[],
  limits: Partial<MemberLimitsInput>,
): Promise<AddedMember[]> {
  const added: AddedMember[] = [];
  for (const input of members) {
    const { user, isNewUser } = await userFor(writing, input);
    const member = await inTheirNames(MEMBER_NAMES, () =>
      addScope(writing, {
        kind: 'member',
        id: memberId(team.id, user.id),
        teamId: team.id,
        userId: user.id,
        role: input.role,
        budgetId: limits.budget_id ?? null,
        models: limits.allowed_models ?? newMemberModels(team.details),
        fields: mergeFields({}, fieldsOf(limits)),
      }),
    );
    added.push({ user, member, isNewUser });
  }
  return added;
}

/** Limits of a member in the names that everything else has for them. */
function fieldsOf(limits: Partial<MemberLimitsInput>): Record<string, unknown> {
  const { max_budget_in_team: max_budget, budget_duration, rpm_limit, tpm_limit } = limits;
  return { max_budget, budget_duration, rpm_limit, tpm_limit };
}

async function userFor(
  writing: Writing,
  { user_id: id, user_email: email }: MemberInput,
): Promise<{ user: StoredScope; isNewUser: boolean }> {
  const known = await findUser(writing.inside, { id, email });
  if (known !== undefined) return { user: known, isNewUser: false };
  const user = await addScope(writing, { kind: 'user', id: id ?? newUserId(), email: email ?? null, role: 'internal_user' });
  return { user, isNewUser: true };
}

interface UserName {
  readonly id?: string | null | undefined;
  readonly email?: string | null | undefined;
}

async function findUser(db: Database, { id, email }: UserName): Promise<StoredScope | undefined> {
  if (id != null) return (await findScopes(db, { kind: 'user', ids: [id] }))[0];
  if (email != null) return (await findScopes(db, { kind: 'user', email }))[0];
  throw new GatewayError('invalid_request', 'Name the user by user_id or user_email.', { param: 'user_id' });
}

/** A member that was named by its user's id or address, locked. Throws 404. */
export async function lockMember(inside: Database, teamId: string, name: UserName): Promise<StoredScope> {
  const param = name.id == null ? 'user_email' : 'user_id';
  const user = await findUser(inside, name);
  const userId = user?.id ?? name.id;
  const [member] = userId == null ? [] : await lockScopes(inside, { kind: 'member', ids: [memberId(teamId, userId)] });
  if (member === undefined) throw scopeNotFound({ kind: 'member', id: name.id ?? name.email ?? '' }, param);
  return member;
}

/** Changes a member's role and limits; null takes a limit of its own away, so that the team's counts. */
export function changeMember(
  writing: Writing,
  member: StoredScope,
  change: Partial<MemberLimitsInput> & { readonly role?: MemberRole | null | undefined },
): Promise<StoredScope> {
  return inTheirNames(MEMBER_NAMES, () =>
    alterScope(writing, member, {
      role: change.role ?? undefined,
      budgetId: change.budget_id,
      models: change.allowed_models === null ? [] : change.allowed_models,
      fields: mergeFields(member.fields, fieldsOf(change)),
    }),
  );
}
