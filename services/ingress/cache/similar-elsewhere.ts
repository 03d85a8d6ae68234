import { type Bus, requestCore } from '#bus';
import { decodeNearby, encodeLookup, haveSameFacts, type SimilarLookup } from '#cache';
import { SIMILAR_LOOKUP_SUBJECT } from '#contracts';

/** Kept texts beyond those in memory: in Postgres, which an accounting asks. */
export interface SimilarElsewhere {
  /** The closest that says the same. Within 50 ms or not at all; never rejects. */
  find(asked: SimilarLookup & { readonly text: string }): Promise<{ readonly hash: string; readonly similarity: number } | undefined>;
}

const WAIT_MS = 50;
/** After a wait in vain: so long nobody is asked. */
const AWAY_MS = 1_000;
/** Nobody listens: Postgres has no pgvector, or accounting is away. */
const NOBODY_MS = 10_000;

export function createSimilarElsewhere({ bus, now }: { readonly bus: Bus; readonly now: () => number }): SimilarElsewhere {
  let awayUntil = 0;
  return {
    async find(asked) {
      if (awayUntil > now()) return undefined;
      const answer = await requestCore(bus, SIMILAR_LOOKUP_SUBJECT, encodeLookup(asked), { timeoutMs: WAIT_MS });
      if (answer.kind === 'answer') return sameOf(asked.text, answer.data);
      awayUntil = now() + (answer.kind === 'nobody' ? NOBODY_MS : AWAY_MS);
      return undefined;
    },
  };
}

function sameOf(text: string, data: Uint8Array) {
  try {
    return decodeNearby(data).find((near) => haveSameFacts(text, near.text));
  } catch {
    return undefined;
  }
}
