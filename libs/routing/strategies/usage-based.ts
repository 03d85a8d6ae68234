import type { Strategy } from './strategy.ts';

/** Fewest tokens in the current minute first; of equals the one with fewer requests. */
export const usageBased: Strategy = (members, { view, random }) => {
  return members.map((member) => {
    const load = view.loads[member];
    if (load === undefined) return 0;
    const tokens = load.tokens + load.expectedTokens;
    const requests = load.requests + load.expected;
    // less than a token, however many requests
    return tokens + (requests + random() / 2) / MOST_REQUESTS;
  });
};

const MOST_REQUESTS = 1e7;
