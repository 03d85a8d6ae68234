import type { DeploymentLoad } from '../status/deployment-load.ts';
import type { Strategy } from './strategy.ts';

/** What an answer has where nobody has measured any. */
const TYPICAL_OUTPUT_TOKENS = 500;
/** Costs that differ by less are the same, and such deployments take turns. */
const CHANCE_USD = 1e-9;

/**
 * The cheapest for this request first: its input, what of it the deployment has in its prompt cache at the price for that, and the
 * output it will probably have: what answers have had so far, but no more than the client takes. Unknown prices come last.
 */
export const costBased: Strategy = (members, { view, facts, prices, random, now }) => {
  const inputTokens = facts.inputTokens();
  const outputTokens = Math.min(facts.maxOutputTokens ?? Number.POSITIVE_INFINITY, typicalOutput(view.loads));
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

function typicalOutput(loads: readonly DeploymentLoad[]): number {
  let sum = 0;
  let measured = 0;
  for (const { outputTokens } of loads) {
    if (outputTokens === undefined) continue;
    sum += outputTokens;
    measured += 1;
  }
  return measured === 0 ? TYPICAL_OUTPUT_TOKENS : sum / measured;
}
