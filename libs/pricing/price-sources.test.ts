import { describe, expect, test } from 'vitest';
import { NO_USAGE, type CostBreakdown, type TokenUsage } from '#contracts';
import { createPricer, type PricedDeployment } from './pricer.ts';

const AT = new Date('2026-11-20T12:00:00Z');

function deployment(fields: Partial<PricedDeployment>): PricedDeployment {
  return { prices: undefined, pricesAs: undefined, upstreamModel: 'some-model', baseModel: undefined, ...fields };
}

function prices(inputUsd: string, outputUsd: string) {
  return { inputUsd, outputUsd, cacheReadUsd: undefined, cacheWriteUsd: undefined, cacheWrite1hUsd: undefined };
}

function usage(fields: Partial<TokenUsage>): TokenUsage {
  return { ...NO_USAGE, ...fields };
}

function costOf(from: PricedDeployment, used: Partial<TokenUsage>): CostBreakdown {
  const { cost } = createPricer().price({ deployment: from, usage: usage(used), at: AT });
  if (cost === undefined) throw new Error('no price');
  return cost;
}

describe('what the catalogue counts in other things than tokens', () => {
  test.each<[string, Partial<PricedDeployment>, Partial<TokenUsage>, string]>([
    ['sound by the hour', { pricesAs: 'openai', upstreamModel: 'whisper-1' }, { audioSeconds: 90 }, '0.009'],
    ['searches', { pricesAs: 'anthropic', upstreamModel: 'claude-sonnet-4-5' }, { inputTokens: 1_000, webSearches: 2 }, '0.023'],
    ['requests', { pricesAs: 'perplexity', upstreamModel: 'sonar' }, { inputTokens: 1_000, outputTokens: 100 }, '0.0131'],
  ])('%s', (_name, from, used, total) => {
    expect(costOf(deployment(from), used).totalUsd).toBe(total);
  });

  test('an hour that does not divide into seconds is cut after 20 places', () => {
    const from = deployment({ pricesAs: 'groq', upstreamModel: 'whisper-large-v3' });
    expect(costOf(from, { audioSeconds: 3_600 }).totalUsd).toMatch(/^0\.11099999999999999/);
    expect(Number(costOf(from, { audioSeconds: 3_600 }).totalUsd)).toBeCloseTo(0.111, 12);
  });
});

describe('a tier of service', () => {
  const from = deployment({ pricesAs: 'openai', upstreamModel: 'gpt-4o-mini', tierMultipliers: { batch: '0.5', flex: '0.5' } });
  const used = { inputTokens: 1_000_001, outputTokens: 1 };

  test('without a price of its own takes the provider’s multiplier, exactly', () => {
    expect(costOf(from, { ...used, serviceTier: 'batch' }).totalUsd).toBe('0.075000375');
    expect(costOf(from, used).totalUsd).toBe('0.15000075');
    expect(costOf(from, { ...used, serviceTier: 'priority' }).totalUsd).toBe('0.15000075');
  });

  test('of the operator’s own prices has no multiplier: they are what is paid', () => {
    const own = { ...from, prices: prices('1', '1') };
    expect(costOf(own, { inputTokens: 1, serviceTier: 'batch' }).totalUsd).toBe('1');
  });

  test('may be any text', () => {
    const pricer = createPricer();
    for (let index = 0; index < 1_000; index += 1) {
      expect(pricer.price({ deployment: from, usage: usage({ inputTokens: 1, serviceTier: `tier-${index}` }), at: AT }).cost).toBeDefined();
    }
  });
});

describe('a cost that the provider states', () => {
  const known = deployment({ pricesAs: 'openai', upstreamModel: 'gpt-4o-mini' });
  const unknown = deployment({ upstreamModel: 'secret-sauce' });
  const stated = usage({ inputTokens: 1_000_000, statedCostUsd: '0.0123' });

  test.each([
    ['counts where there is no other price', unknown, undefined, 'provider', '0.0123'],
    ['does not count where there is one', known, undefined, 'catalogue', '0.15'],
    ['counts first where that is said', known, 'first', 'provider', '0.0123'],
    ['never counts where that is said', unknown, 'never', 'unknown', undefined],
    ['never counts against the operator’s own price', { ...known, prices: prices('0.000001', '0') }, 'first', 'config', '1'],
  ] as const)('%s', (_name, from, providerCost, source, totalUsd) => {
    const priced = createPricer({ providerCost }).price({ deployment: from, usage: stated, at: AT });
    expect({ source: priced.source, totalUsd: priced.cost?.totalUsd }).toEqual({ source, totalUsd });
  });

  test('counts by the deployment’s rule before the general one', () => {
    const from = { ...known, providerCost: 'first' as const };
    expect(createPricer({ providerCost: 'never' }).price({ deployment: from, usage: stated, at: AT }).source).toBe('provider');
  });

  test.each(['-1', 'NaN', 'Infinity', '1e9', '', '0x10', '1,5'])('of %j is not believed', (statedCostUsd) => {
    const priced = createPricer({ providerCost: 'first' }).price({ deployment: unknown, usage: usage({ statedCostUsd }), at: AT });
    expect(priced.source).toBe('unknown');
  });
});
