import { DEFAULT_MEMBER_PERMISSIONS } from './team-fields.ts';

type Details = Readonly<Record<string, unknown>>;

/** Management routes that a team lets its members call for its keys. */
export function memberPermissions(details: Details): readonly string[] {
  return details['team_member_permissions'] === undefined ? DEFAULT_MEMBER_PERMISSIONS : textsOf(details['team_member_permissions']);
}

/** The models of a new member that is not given any. */
export function newMemberModels(details: Details): string[] {
  return textsOf(details['default_team_member_models']);
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
