import { pricedDeployment } from '#attempts';
import type { Deployment } from '#config';
import { NO_USAGE, type TokenUsage } from '#contracts';
import type { Pricer } from '#pricing';

/** What a stream costs as it grows, US dollars. Floats: they decide when to ask and when to stop, and are never booked. */
export interface TokenPrice {
  readonly inputUsd: number;
  readonly perOutputTokenUsd: number;
}

const SAMPLE_TOKENS = 100_000;

/** Undefined where nobody knows the price. Thoughts may cost more than text: the dearer of them counts. */
export function tokenPrice(input: {
  readonly deployment: Deployment;
  readonly inputTokens: number;
  /** What the provider stated of the input, where it did already: cached tokens cost less, or more. */
  readonly stated?: TokenUsage | undefined;
  readonly pricer: Pricer;
  readonly at: number;
}): TokenPrice | undefined {
  const { deployment, stated, pricer } = input;
  const at = new Date(input.at);
  const known: TokenUsage = {
    ...(stated ?? { ...NO_USAGE, inputTokens: input.inputTokens }),
    outputTokens: 0,
    reasoningTokens: 0,
    outputAudioTokens: 0,
  };
  const usd = (usage: Partial<TokenUsage>): number =>
    Number(pricer.price({ deployment: pricedDeployment(deployment), usage: { ...known, ...usage }, at, answered: true }).cost?.totalUsd);
  const inputUsd = usd({});
  const text = usd({ outputTokens: SAMPLE_TOKENS });
  const thoughts = usd({ outputTokens: SAMPLE_TOKENS, reasoningTokens: SAMPLE_TOKENS });
  const perOutputTokenUsd = (Math.max(text, thoughts) - inputUsd) / SAMPLE_TOKENS;
  return Number.isFinite(inputUsd) && Number.isFinite(perOutputTokenUsd) ? { inputUsd, perOutputTokenUsd } : undefined;
}
