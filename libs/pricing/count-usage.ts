import type { TokenUsage } from '#contracts';

/** Usage as it is priced: whole numbers of 0 or more, every token in one of them. */
export interface CountedUsage {
  /** All input, cached tokens included: what a price for longer inputs goes by. */
  readonly inputTotal: number;
  readonly outputTotal: number;
  /** Text and whatever has no count of its own. */
  readonly input: number;
  readonly inputAudio: number;
  readonly inputImage: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly outputAudio: number;
  readonly outputImage: number;
  readonly reasoning: number;
  readonly images: number;
  readonly milliseconds: number;
  readonly characters: number;
  readonly searchUnits: number;
  readonly webSearches: number;
}

/**
 * Cached, audio and picture tokens are parts of their totals and are taken out of them; where a provider states more parts than it
 * states in all, the rest is 0. Providers have sent negative, fractional and missing counts; none of them may cost the ledger its row.
 */
export function countUsage(usage: TokenUsage): CountedUsage {
  const inputTotal = whole(usage.inputTokens);
  const cacheRead = whole(usage.cacheReadTokens);
  const cacheWrite = whole(usage.cacheWriteTokens);
  const cacheWrite1h = whole(usage.cacheWrite1hTokens);
  const uncached = Math.max(0, inputTotal - cacheRead - cacheWrite - cacheWrite1h);
  const inputAudio = Math.min(whole(usage.inputAudioTokens), uncached);
  const inputImage = Math.min(whole(usage.inputImageTokens), uncached - inputAudio);
  const outputTotal = whole(usage.outputTokens);
  const outputAudio = Math.min(whole(usage.outputAudioTokens), outputTotal);
  const outputImage = Math.min(whole(usage.outputImageTokens), outputTotal - outputAudio);
  const reasoning = Math.min(whole(usage.reasoningTokens), outputTotal - outputAudio - outputImage);
  return {
    inputTotal,
    outputTotal,
    input: uncached - inputAudio - inputImage,
    inputAudio,
    inputImage,
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    output: outputTotal - outputAudio - outputImage - reasoning,
    outputAudio,
    outputImage,
    reasoning,
    images: whole(usage.images),
    milliseconds: whole((usage.audioSeconds ?? 0) * 1_000),
    characters: whole(usage.characters),
    searchUnits: whole(usage.searchUnits),
    webSearches: whole(usage.webSearches),
  };
}

function whole(count: number | undefined): number {
  return count !== undefined && count > 0 && count <= Number.MAX_SAFE_INTEGER ? Math.round(count) : 0;
}
