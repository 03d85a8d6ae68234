import type { LimitsBucket } from '#bus';
import { EMPTY_STATE, type LimitState } from './limit-state.ts';

export interface StateAccess {
  readonly key: string;
  readonly bucket: LimitsBucket;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface Decision<Result> {
  readonly state: LimitState;
  readonly result: Result;
  /** Without a change nothing is written. */
  readonly changed: boolean;
}

/** Longer than any race of a few dozen workers. */
const MOST_TRIES = 100;
const RACE_PAUSE_MS = 4;
const MOST_PAUSES = 8;

/**
 * Changes the shared state by compare and set: who loses the race decides anew on what the winner left. Rejects while NATS is away.
 */
export async function changeState<Result>(
  { key, bucket, random }: StateAccess,
  decide: (before: LimitState) => Decision<Result>,
): Promise<Result> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const entry = await bucket.read(key);
    const { state, result, changed } = decide(parseState(entry.text));
    if (!changed || (await bucket.write(key, JSON.stringify(state), entry.revision)) !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, random() * RACE_PAUSE_MS * Math.min(MOST_PAUSES, tries)));
  }
  throw new Error(`the limits of ${key} are too much fought over`);
}

/** An entry that nobody can read is begun anew: it can only have been written by hand or by a later version. */
function parseState(text: string | undefined): LimitState {
  if (text === undefined || text === '') return EMPTY_STATE;
  try {
    const value: unknown = JSON.parse(text);
    return isState(value) ? value : EMPTY_STATE;
  } catch {
    return EMPTY_STATE;
  }
}

function isState(value: unknown): value is LimitState {
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return false;
  return 'line' in value && 'used' in value && 'lanes' in value;
}
