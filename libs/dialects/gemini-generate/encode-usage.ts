import type { TokenUsage } from '#contracts';
import type { JsonRecord } from '../json/record.ts';

/** Usage as Gemini states it: thoughts beside the candidates, cached tokens inside the prompt. */
export function encodeUsage(usage: TokenUsage): JsonRecord {
  return {
    promptTokenCount: usage.inputTokens,
    candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
    totalTokenCount: usage.inputTokens + usage.outputTokens,
    ...(usage.cacheReadTokens === 0 ? {} : { cachedContentTokenCount: usage.cacheReadTokens }),
    ...(usage.reasoningTokens === 0 ? {} : { thoughtsTokenCount: usage.reasoningTokens }),
  };
}
