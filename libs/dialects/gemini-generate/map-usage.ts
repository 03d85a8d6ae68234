import type { TokenUsage } from '#contracts';
import { countAt, isRecord, stringAt, type JsonRecord } from '../json/record.ts';

/** Vertex says by which traffic a request was served; both change the price. */
const TIER_OF_TRAFFIC: Readonly<Record<string, string>> = { ON_DEMAND_PRIORITY: 'priority', ON_DEMAND_FLEX: 'flex' };
const PRICED_TIERS: ReadonlySet<string> = new Set(['flex', 'priority']);

/**
 * `usageMetadata` as totals (https://ai.google.dev/api/generate-content#UsageMetadata). There the prompt includes what was
 * cached and leaves out what built-in tools fed back; candidates leave out thoughts. Ours include all of them.
 */
export function mapUsage(usage: JsonRecord): TokenUsage {
  const reasoningTokens = countAt(usage, 'thoughtsTokenCount');
  const serviceTier = tierOf(usage);
  const inputImageTokens = modalityTokens(usage['promptTokensDetails'], 'IMAGE');
  const outputImageTokens = modalityTokens(usage['candidatesTokensDetails'], 'IMAGE');
  return {
    inputTokens: countAt(usage, 'promptTokenCount') + countAt(usage, 'toolUsePromptTokenCount'),
    cacheReadTokens: countAt(usage, 'cachedContentTokenCount'),
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: countAt(usage, 'candidatesTokenCount') + reasoningTokens,
    reasoningTokens,
    inputAudioTokens: modalityTokens(usage['promptTokensDetails'], 'AUDIO'),
    outputAudioTokens: modalityTokens(usage['candidatesTokensDetails'], 'AUDIO'),
    ...(inputImageTokens === 0 ? {} : { inputImageTokens }),
    ...(outputImageTokens === 0 ? {} : { outputImageTokens }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    estimated: false,
  };
}

function modalityTokens(details: unknown, modality: string): number {
  if (!Array.isArray(details)) return 0;
  let total = 0;
  for (const detail of details as readonly unknown[]) {
    if (isRecord(detail) && detail['modality'] === modality) total += countAt(detail, 'tokenCount');
  }
  return total;
}

function tierOf(usage: JsonRecord): string | undefined {
  const tier = stringAt(usage, 'serviceTier')?.toLowerCase();
  if (tier !== undefined) return PRICED_TIERS.has(tier) ? tier : undefined;
  return TIER_OF_TRAFFIC[stringAt(usage, 'trafficType') ?? ''];
}
