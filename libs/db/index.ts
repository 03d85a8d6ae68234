export { driverError, isDatabaseDown, isRefusedData } from './database-error.ts';
export { publishVirtualKey, unpublishAllKeys, unpublishedKeys } from './key-outbox.ts';
export { applyAttempts } from './ledger.ts';
export type { AppliedCounts } from './ledger.ts';
export { migrate } from './migrate.ts';
export type { MigrationReport } from './migrate.ts';
export { openDatabase } from './open-database.ts';
export type { DatabaseOwner } from './open-database.ts';
export { pingDatabase } from './ping.ts';
export { createPool } from './pool.ts';
export type { Database, PoolOptions } from './pool.ts';
export { listAttempts, spendByDay, spendOfKeys } from './spend-log.ts';
export type { DailySpend, LedgerEntry, LedgerPlace, SpendFilter } from './spend-log.ts';
export {
  createVirtualKey,
  deleteVirtualKeys,
  findVirtualKey,
  findVirtualKeysByAlias,
  listVirtualKeys,
  setVirtualKeyBlocked,
} from './virtual-keys.ts';
export type { CreateKeyResult, KeyFilter, KeyPage, NewVirtualKey, VirtualKey } from './virtual-keys.ts';
