import { and, eq, gte, isNull, lt } from './drizzle.ts';
import type { Database } from './pool.ts';
import { virtualKeys } from './schema/virtual-keys.ts';
import type { VirtualKey } from './virtual-keys.ts';

/** Keys in use whose end lies between two times. */
export function findExpiringKeys(db: Database, options: { readonly from: Date; readonly until: Date }): Promise<VirtualKey[]> {
  return db.orm
    .select()
    .from(virtualKeys)
    .where(
      and(
        isNull(virtualKeys.deletedAt),
        eq(virtualKeys.blocked, false),
        gte(virtualKeys.expiresAt, options.from),
        lt(virtualKeys.expiresAt, options.until),
      ),
    )
    .orderBy(virtualKeys.expiresAt);
}
