import type { StreamMessage } from '#bus';
import type { AttemptEvent } from '#contracts';
import type { AppliedCounts } from '#db';
import { isRefusedData } from '#db';

/** A message that was read as an attempt event. */
export interface HeldEvent {
  readonly message: StreamMessage;
  readonly event: AttemptEvent;
}

/** A message that will never become a row, with what is wrong with it. */
export interface RefusedMessage {
  readonly message: StreamMessage;
  readonly reason: string;
}

export interface BatchOutcome {
  readonly counts: AppliedCounts;
  readonly refused: readonly RefusedMessage[];
}

export type ApplyEvents = (events: readonly AttemptEvent[]) => Promise<AppliedCounts>;

/**
 * Applies a batch; when Postgres refuses its data, halves it until the rows at fault are alone, so that all others land.
 * Rejects when the database can't be reached: parts may have been applied then, and applying them again changes nothing.
 */
export async function applyBatch(held: readonly HeldEvent[], apply: ApplyEvents): Promise<BatchOutcome> {
  try {
    return { counts: await apply(held.map(({ event }) => event)), refused: [] };
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    const [first] = held;
    if (first && held.length === 1) return { counts: NOTHING, refused: [{ message: first.message, reason: reasonOf(error) }] };
    const middle = held.length >> 1;
    return merge(await applyBatch(held.slice(0, middle), apply), await applyBatch(held.slice(middle), apply));
  }
}

const NOTHING: AppliedCounts = { inserted: 0, superseded: 0, duplicates: 0 };

function merge(left: BatchOutcome, right: BatchOutcome): BatchOutcome {
  return {
    counts: {
      inserted: left.counts.inserted + right.counts.inserted,
      superseded: left.counts.superseded + right.counts.superseded,
      duplicates: left.counts.duplicates + right.counts.duplicates,
    },
    refused: [...left.refused, ...right.refused],
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
