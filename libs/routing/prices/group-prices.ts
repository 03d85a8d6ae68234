import { LRUCache } from 'lru-cache';
import type { Deployment } from '#config';
import { NO_USAGE, type TokenUsage } from '#contracts';
import { SHORTEST_CACHED_TOKENS } from '../affinity/affinity-key.ts';
import type { GroupView } from '../group-view.ts';
import type { RequestFacts } from '../request-facts.ts';

/** US dollars for a token, by position in the group; NaN where the price is unknown. Floats: for comparing, never for books. */
export interface GroupQuote {
  readonly inputUsd: readonly number[];
  readonly cachedInputUsd: readonly number[];
  readonly outputUsd: readonly number[];
}

export interface GroupPrices {
  /** What a token costs in a request of so many. */
  quote(view: GroupView, inputTokens: number, now: number): GroupQuote;
  /** The deployment that probably has the beginning of the request in its prompt cache: where the last one that began alike went. */
  cachedAt(facts: RequestFacts, now: number): CachedPrompt | undefined;
  /** To be told where a request went first. */
  sent(deploymentId: string, facts: RequestFacts, now: number): void;
}

export interface CachedPrompt {
  readonly deploymentId: string;
  readonly tokens: number;
}

/** The cost of a usage in US dollars, undefined when the price is unknown. */
export type CostOf = (deployment: Deployment, usage: TokenUsage, at: Date) => number | undefined;

/** Prices may change with the minute. */
const QUOTE_HOLDS_MS = 60_000;
/** Long requests cost more per token at some hosts, from 128,000 tokens on: quotes are asked for in steps of this length. */
const STEP_TOKENS = 8_000;
const FIRST_STEPS = 12;
/** How long providers keep a prompt cached without being asked to keep it longer. */
const CACHE_HOLDS_MS = 300_000;
const MOST_PREFIXES = 20_000;
const SAMPLE_OUTPUT_TOKENS = 1_000;

interface HeldQuote extends GroupQuote {
  readonly until: number;
}

export function createGroupPrices(costOf: CostOf): GroupPrices {
  const quotes = new WeakMap<GroupView, Map<number, HeldQuote>>();
  const prefixes = new LRUCache<number, CachedPrompt & { readonly at: number }>({ max: MOST_PREFIXES });

  return {
    quote(view, inputTokens, now) {
      const step = Math.floor(inputTokens / STEP_TOKENS);
      const key = step < FIRST_STEPS ? 0 : step;
      const held = quotes.get(view)?.get(key);
      if (held && now < held.until) return held;
      const fresh = makeQuote(view, Math.max(1, key) * STEP_TOKENS, now, costOf);
      const ofView = quotes.get(view) ?? new Map<number, HeldQuote>();
      quotes.set(view, ofView.set(key, fresh));
      return fresh;
    },
    cachedAt(facts, now) {
      const hash = facts.inputTokens() < SHORTEST_CACHED_TOKENS ? undefined : facts.prefixHash();
      const last = hash === undefined ? undefined : prefixes.get(hash);
      return last === undefined || now - last.at > CACHE_HOLDS_MS ? undefined : last;
    },
    sent(deploymentId, facts, now) {
      const tokens = facts.inputTokens();
      const hash = tokens < SHORTEST_CACHED_TOKENS ? undefined : facts.prefixHash();
      if (hash !== undefined) prefixes.set(hash, { deploymentId, tokens, at: now });
    },
  };
}

function makeQuote(view: GroupView, inputTokens: number, now: number, costOf: CostOf): HeldQuote {
  const at = new Date(now);
  const usd = (deployment: Deployment, usage: Partial<TokenUsage>): number =>
    costOf(deployment, { ...NO_USAGE, inputTokens, ...usage }, at) ?? Number.NaN;
  const input = view.deployments.map((deployment) => usd(deployment, {}));
  const cached = view.deployments.map((deployment) => usd(deployment, { cacheReadTokens: inputTokens }));
  const whole = view.deployments.map((deployment) => usd(deployment, { outputTokens: SAMPLE_OUTPUT_TOKENS }));
  return {
    inputUsd: input.map((cost) => cost / inputTokens),
    cachedInputUsd: cached.map((cost) => cost / inputTokens),
    outputUsd: whole.map((cost, position) => (cost - (input[position] ?? 0)) / SAMPLE_OUTPUT_TOKENS),
    until: now + QUOTE_HOLDS_MS,
  };
}
