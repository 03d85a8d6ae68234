import { NO_USAGE, type TokenUsage } from '#contracts';
import type { GroupPrices } from './prices/group-prices.ts';
import type { RequestFacts } from './request-facts.ts';
import type { DeploymentLoad } from './status/deployment-load.ts';

/** What an answer has where nobody has measured any. */
const TYPICAL_OUTPUT_TOKENS = 500;

/** What an answer will probably have: what answers have had so far, but no more than the client takes. */
export function expectedOutputTokens(loads: readonly DeploymentLoad[], facts: Pick<RequestFacts, 'maxOutputTokens'>): number {
  return Math.min(facts.maxOutputTokens ?? Number.POSITIVE_INFINITY, typicalOutput(loads));
}

export interface UsageQuestion {
  readonly deploymentId: string;
  readonly load: DeploymentLoad;
  readonly facts: RequestFacts;
  readonly prices: Pick<GroupPrices, 'cachedAt'>;
  readonly now: number;
}

/** What a request will probably use at a deployment, with what of it that one has in its prompt cache. */
export function expectedUsage({ deploymentId, load, facts, prices, now }: UsageQuestion): TokenUsage {
  const inputTokens = facts.inputTokens();
  const cachedAt = prices.cachedAt(facts, now);
  return {
    ...NO_USAGE,
    inputTokens,
    cacheReadTokens: cachedAt?.deploymentId === deploymentId ? Math.min(inputTokens, cachedAt.tokens) : 0,
    outputTokens: Math.round(expectedOutputTokens([load], facts)),
  };
}

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
