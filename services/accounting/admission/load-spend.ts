import { type Bus, streamPlace } from '#bus';
import { EVENTS_STREAM } from '#contracts';
import type { SpendStore, StoredSpend } from './spend-store.ts';

export interface SpendSources {
  readonly bus: Bus;
  readonly store: SpendStore;
  /** What is spent where no leader has left it: a fresh NATS over an old database. */
  readonly firstSpend: () => Promise<StoredSpend>;
}

/** What the leader before has left, else what the database knows. Throws when either can't be asked. */
export async function loadSpend({ bus, store, firstSpend }: SpendSources): Promise<StoredSpend> {
  const stored = await store.load();
  if (stored === undefined) return firstSpend();
  const { lastSeq } = await streamPlace(bus, EVENTS_STREAM);
  if (lastSeq >= stored.seq) return stored;
  // the stream was lost and made anew: it counts from 1 again, and none of its events is in the stored spend
  return { ...stored, seq: 0, storedAt: 0, accounts: stored.accounts.map((account) => ({ ...account, seq: 0 })) };
}

/** Sliding windows look back so far, and a little further for clocks that differ. */
const LOOK_BACK_MS = 65_000;

/** From where events are read: what is not in the stored spend, and what may still count in a sliding window. Zero: all there are. */
export function eventsSince({ storedAt }: StoredSpend, at: number): number | undefined {
  return storedAt === 0 ? undefined : Math.min(storedAt, at - LOOK_BACK_MS);
}
