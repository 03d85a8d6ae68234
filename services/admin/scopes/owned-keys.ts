import { type Database, type KeyFilter, listVirtualKeys, spendOfKeys } from '#db';
import { keyRowView } from '../keys/key-view.ts';

/** The newest keys of a team, user or organization, as `/key/list` shows them. */
export async function ownedKeys(db: Database, filter: KeyFilter, size: number) {
  if (size === 0) return [];
  const { keys } = await listVirtualKeys(db, filter, { page: 1, size, order: 'created_at', ascending: false });
  const spend =
    keys.length === 0
      ? new Map<string, string>()
      : await spendOfKeys(
          db,
          keys.map(({ hash }) => hash),
        );
  return keys.map((key) => keyRowView(key, { spendUsd: spend.get(key.hash) }));
}
