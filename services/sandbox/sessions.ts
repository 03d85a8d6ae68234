import { LRUCache } from 'lru-cache';

/** Counts the calls of each session, for scripts; the least recently used of 10,000 sessions is forgotten. */
export interface Sessions {
  /** 0 for the first call of a session. */
  nextCall(session: string): number;
}

export function createSessions(): Sessions {
  const calls = new LRUCache<string, number>({ max: 10_000 });
  return {
    nextCall: (session) => {
      const call = calls.get(session) ?? 0;
      calls.set(session, call + 1);
      return call;
    },
  };
}
