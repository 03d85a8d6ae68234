import { type Bus, streamPlace } from '#bus';
import { firstAccount, type StoredAccount, type UncountedWindow, uncountedWindows } from '#budgets';
import { EVENTS_STREAM, EVERY_CUSTOMER, type Limits, type Scope, scopeName } from '#contracts';
import { type Database, spendOfEndUsers, spendOfWindows } from '#db';
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

type FoundWindow = UncountedWindow & { readonly spentUsd: string };

async function readLedger({ bus, db, mirror, now }: FirstSpendOptions): Promise<readonly StoredAccount[]> {
  const at = now();
  const limited = [...mirror.all()];
  const windows = limited.flatMap(([scope, limits]) => (isEveryCustomer(scope) ? [] : uncountedWindows(scope, limits, at)));
  const shared = limited.flatMap(([scope, limits]) => (isEveryCustomer(scope) ? uncountedWindows(scope, limits, at) : []));
  if (windows.length + shared.length === 0) return [];
  const { beganAt } = await streamPlace(bus, EVENTS_STREAM);
  const until = new Date(beganAt);
  const spent = await spendOfWindows(db, windows, until);
  const found: FoundWindow[] = windows.map((window, index) => ({ ...window, spentUsd: spent[index] ?? '0' }));
  const ofOthers = await readEndUsers(db, { windows: shared, until, withOwn: endUsersOf(limited) });
  const byScope = Map.groupBy([...found, ...ofOthers], ({ scope }) => scopeName(scope));
  return [...byScope.values()].flatMap((own) => (own[0] === undefined ? [] : [firstAccount(own[0].scope, own, at)]));
}

interface EndUsersAsked {
  readonly windows: readonly UncountedWindow[];
  readonly until: Date;
  readonly withOwn: ReadonlySet<string>;
}

/** Those that have no limits of their own, and so what all of them may spend. Nobody knows their names but the ledger. */
async function readEndUsers(db: Database, { windows, until, withOwn }: EndUsersAsked): Promise<readonly FoundWindow[]> {
  const found: FoundWindow[] = [];
  for (const window of windows) {
    const spent = await spendOfEndUsers(db, window, until);
    for (const { endUser, spentUsd } of spent) {
      if (!withOwn.has(endUser)) found.push({ ...window, scope: { kind: 'customer', id: endUser }, spentUsd });
    }
  }
  return found;
}

function endUsersOf(limited: readonly (readonly [Scope, Limits])[]): ReadonlySet<string> {
  return new Set(limited.flatMap(([{ kind, id }]) => (kind === 'customer' ? [id] : [])));
}

function isEveryCustomer({ kind, id }: Scope): boolean {
  return kind === EVERY_CUSTOMER.kind && id === EVERY_CUSTOMER.id;
}
