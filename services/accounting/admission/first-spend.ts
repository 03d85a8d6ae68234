import { type Bus, streamPlace } from '#bus';
import { firstAccount, type StoredAccount, uncountedWindows } from '#budgets';
import { EVENTS_STREAM, scopeName } from '#contracts';
import { type Database, spendOfWindows } from '#db';
import type { LimitsMirror } from './limits-mirror.ts';
import type { StoredSpend } from './spend-store.ts';

export interface FirstSpendOptions {
  readonly bus: Bus;
  readonly db: Database;
  readonly mirror: Pick<LimitsMirror, 'all'>;
  readonly now: () => number;
  readonly log: { warn(fields: object, message: string): void };
  /** Whether budgets without a database to ask are not to be served at all (`fail_closed`). */
  readonly isStrict: () => boolean;
}

/** For the database to come up with everything else. */
const PATIENCE_MS = 10_000;

/**
 * Spend where no leader has left any: a fresh NATS over an old database, or the first start of all. The ledger is asked for what was spent before
 * the stream of events began; the stream has the rest.
 */
export function createFirstSpend(options: FirstSpendOptions): () => Promise<StoredSpend> {
  const { log, now } = options;
  let triedAt: number | undefined;
  return async () => {
    triedAt ??= now();
    try {
      return spendOf(await readLedger(options));
    } catch (error) {
      if (options.isStrict() || now() - triedAt < PATIENCE_MS) throw error;
      log.warn({ err: error }, 'the database is away and no spend is stored elsewhere: budgets begin at what the events say');
      return spendOf([]);
    }
  };
}

function spendOf(accounts: readonly StoredAccount[]): StoredSpend {
  return { seq: 0, storedAt: 0, accounts, lost: [], held: [], ingresses: [], isFirst: true };
}

async function readLedger({ bus, db, mirror, now }: FirstSpendOptions): Promise<readonly StoredAccount[]> {
  const at = now();
  const windows = [...mirror.all()].flatMap(([scope, limits]) => uncountedWindows(scope, limits, at));
  if (windows.length === 0) return [];
  const { beganAt } = await streamPlace(bus, EVENTS_STREAM);
  const spent = await spendOfWindows(db, windows, new Date(beganAt));
  const found = windows.map((window, index) => ({ ...window, spentUsd: spent[index] ?? '0' }));
  const byScope = Map.groupBy(found, ({ scope }) => scopeName(scope));
  return [...byScope.values()].flatMap((own) => (own[0] === undefined ? [] : [firstAccount(own[0].scope, own, at)]));
}
