import { type SQL, sql } from './drizzle.ts';

/**
 * Whose spend somebody may see: everybody's, or what was spent with one of these keys, by this user, by one of these teams or
 * organizations. All empty: nothing.
 */
export type SpendVisibility =
  | { readonly all: true }
  | {
      readonly all: false;
      readonly keyHashes?: readonly string[] | undefined;
      readonly userId?: string | undefined;
      readonly teamIds?: readonly string[] | undefined;
      readonly organizationIds?: readonly string[] | undefined;
    };

export const EVERYBODY: SpendVisibility = { all: true };

/** Which attempts: every field that is set must match, a list by one of its members. An empty list matches nothing. */
export interface NameFilter {
  readonly keyHashes?: readonly string[] | undefined;
  readonly teamIds?: readonly string[] | undefined;
  readonly notTeamIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  readonly organizationIds?: readonly string[] | undefined;
  readonly endUsers?: readonly string[] | undefined;
  readonly agents?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly modelGroups?: readonly string[] | undefined;
  readonly providers?: readonly string[] | undefined;
}

/** Columns with the same names in the ledger and in its sums. */
const COLUMNS = {
  keyHashes: 'key_hash',
  teamIds: 'team_id',
  userIds: 'user_id',
  organizationIds: 'organization_id',
  models: 'model',
  modelGroups: 'model_group',
  providers: 'provider',
} as const;

export function visibleRows(visibility: SpendVisibility): SQL | undefined {
  if (visibility.all) return undefined;
  const { keyHashes = [], userId, teamIds = [], organizationIds = [] } = visibility;
  const own: SQL[] = [];
  if (keyHashes.length > 0) own.push(isOneOf('key_hash', keyHashes));
  if (userId !== undefined) own.push(isOneOf('user_id', [userId]));
  if (teamIds.length > 0) own.push(isOneOf('team_id', teamIds));
  if (organizationIds.length > 0) own.push(isOneOf('organization_id', organizationIds));
  return own.length === 0 ? sql`false` : sql`(${sql.join(own, sql` or `)})`;
}

/** Conditions on the columns that ledger and sums have in common; end users, agents and tags are told apart differently in each. */
export function namedRows(filter: NameFilter): SQL[] {
  const conditions: SQL[] = [];
  for (const [field, column] of entriesOf(COLUMNS)) {
    const names = filter[field];
    if (names !== undefined) conditions.push(isOneOf(column, names));
  }
  if (filter.notTeamIds !== undefined) conditions.push(sql`coalesce(team_id, '') <> all(${textArray(filter.notTeamIds)})`);
  return conditions;
}

export function isOneOf(column: string, names: readonly string[]): SQL {
  const name = sql.raw(column);
  return names.length === 1 ? sql`${name} = ${names[0]}` : sql`${name} = any(${textArray(names)})`;
}

/** One parameter, however many names. */
export function textArray(names: readonly string[]): SQL {
  return sql`${sql.param(names)}::text[]`;
}

export function allOf(conditions: readonly (SQL | undefined)[]): SQL {
  const set = conditions.filter((condition) => condition !== undefined);
  return set.length === 0 ? sql`true` : sql.join(set, sql` and `);
}

function entriesOf<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][];
}
