import type { ScopeKind } from '#contracts';
import { type Database, type Dimension, EVERYBODY, type NameFilter, sumSpend } from '#db';

type Spender = Extract<ScopeKind, 'team' | 'user' | 'organization' | 'customer' | 'tag'>;

const FILTERS: Readonly<Record<Spender, keyof NameFilter>> = {
  team: 'teamIds',
  user: 'userIds',
  organization: 'organizationIds',
  customer: 'endUsers',
  tag: 'tags',
};

/** Everything that these have ever spent, by id; exact decimal text. Who is not in it has spent nothing. */
export async function spendOf(db: Database, kind: Spender, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const dimension: Dimension = kind;
  const sums = await sumSpend(db, { visible: EVERYBODY, filter: { [FILTERS[kind]]: ids }, groups: [[dimension]] });
  return new Map(sums.map(({ names, spendUsd }) => [names[dimension] ?? '', spendUsd]));
}

/** What the members of these teams have spent in them, by team and user. */
export async function spendOfMembers(db: Database, teamIds: readonly string[]): Promise<(team: string, user: string) => string> {
  const groups = [['team', 'user']] as const;
  const sums = teamIds.length === 0 ? [] : await sumSpend(db, { visible: EVERYBODY, filter: { teamIds }, groups });
  const spend = new Map(sums.map(({ names, spendUsd }) => [JSON.stringify([names.team, names.user]), spendUsd]));
  return (team, user) => spend.get(JSON.stringify([team, user])) ?? '0';
}

/** As LiteLLM shows spend, and exact. */
export function spendView(spendUsd = '0') {
  return { spend: Number(spendUsd), spend_usd: spendUsd };
}
