import { expectedOutputTokens } from '../expected-usage.ts';
import type { Strategy } from './strategy.ts';

/** Costs that differ by less are the same, and such deployments take turns. */
const CHANCE_USD = 1e-9;

/**
 * The cheapest for this request first: its input, what of it the deployment has in its prompt cache at the price for that, and the
 * output it will probably have: what answers have had so far, but no more than the client takes. Unknown prices come last.
 */
export const costBased: Strategy = (members, { view, facts, prices, random, now }) => {
  const inputTokens = facts.inputTokens();
  const outputTokens = expectedOutputTokens(view.loads, facts);
  const quote = prices.quote(view, inputTokens, now);
  const cachedAt = prices.cachedAt(facts, now);
  return members.map((member) => {
    const input = quote.inputUsd[member] ?? Number.NaN;
    const hasCached = cachedAt !== undefined && view.deployments[member]?.id === cachedAt.deploymentId;
    const cached = hasCached ? Math.min(inputTokens, cachedAt.tokens) : 0;
    const saved = cached * (input - (quote.cachedInputUsd[member] ?? input));
    const usd = input * inputTokens - saved + outputTokens * (quote.outputUsd[member] ?? 0);
    return Number.isNaN(usd) ? UNKNOWN + random() : usd + CHANCE_USD * random();
  });
};

const UNKNOWN = 1e9;
