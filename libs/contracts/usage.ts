/** Tokens of one upstream attempt. Totals include their parts, as OpenAI counts (Anthropic's parts are added up by its dialect). */
export interface TokenUsage {
  /** All input tokens, cached ones included. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  /** Tokens written to the provider's prompt cache for 5 minutes (or an unnamed time). */
  readonly cacheWriteTokens: number;
  /** Tokens written to the provider's prompt cache for an hour. */
  readonly cacheWrite1hTokens: number;
  /** All output tokens, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly inputAudioTokens: number;
  readonly outputAudioTokens: number;
  /** Parts of the totals that some models price apart. */
  readonly inputImageTokens?: number | undefined;
  readonly outputImageTokens?: number | undefined;
  /** What is counted instead of tokens: pictures made, seconds heard or spoken, characters read aloud, rerank units, searches. */
  readonly images?: number | undefined;
  /** Of the pictures, as asked for or as made (`1024x1024`, `high`): what a price for each depends on. */
  readonly imageSize?: string | undefined;
  readonly imageQuality?: string | undefined;
  readonly audioSeconds?: number | undefined;
  readonly characters?: number | undefined;
  readonly searchUnits?: number | undefined;
  readonly webSearches?: number | undefined;
  /** The service tier the provider says it used, where it changes the price: `flex`, `priority`, `batch`. */
  readonly serviceTier?: string | undefined;
  /** What the provider says the call cost, in US dollars, as decimal text. Not taken on trust: see `headrace.prices.provider_cost`. */
  readonly statedCostUsd?: string | undefined;
  /** True when the provider did not say and the gateway counted (a cut stream, a lost worker). */
  readonly estimated: boolean;
}

/** Cost by kind in US dollars, exact decimal text (`"0.00001275"`); the parts add up to the total. */
export interface CostBreakdown {
  readonly inputUsd: string;
  readonly cacheReadUsd: string;
  readonly cacheWriteUsd: string;
  readonly outputUsd: string;
  /** Reasoning, audio and images where they are priced or counted apart; then they are not in the parts above. */
  readonly reasoningUsd?: string | undefined;
  readonly audioUsd?: string | undefined;
  readonly imageUsd?: string | undefined;
  /** Per request, per search, per rerank unit; and a sum that the provider stated without its parts. */
  readonly requestUsd?: string | undefined;
  readonly totalUsd: string;
}

export const NO_USAGE: TokenUsage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
  estimated: false,
};

/** What is free costs nothing, which is known: never to be taken for an unknown price. */
export const NO_COST: CostBreakdown = { inputUsd: '0', cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', totalUsd: '0' };
