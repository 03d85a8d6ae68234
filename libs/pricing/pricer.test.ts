import { calcPrice, findProvider, type ModelInfo } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig, type PriceOverride } from '#config';
import { NO_USAGE, type CostBreakdown, type TokenUsage } from '#contracts';
import { digitsAtScale, parseDecimal } from './decimal.ts';
import { createPricer, type PricedDeployment } from './pricer.ts';

const AT = new Date('2026-11-20T12:00:00Z');

function deployment(fields: Partial<PricedDeployment>): PricedDeployment {
  return { prices: undefined, pricesAs: undefined, upstreamModel: 'some-model', baseModel: undefined, ...fields };
}

function prices(inputUsd: string, outputUsd: string, cache: { read?: string; write?: string; write1h?: string } = {}) {
  return { inputUsd, outputUsd, cacheReadUsd: cache.read, cacheWriteUsd: cache.write, cacheWrite1hUsd: cache.write1h };
}

function usage(fields: Partial<TokenUsage>): TokenUsage {
  return { ...NO_USAGE, ...fields };
}

function costOf(from: PricedDeployment, used: Partial<TokenUsage>): CostBreakdown {
  const { cost } = createPricer().price({ deployment: from, usage: usage(used), at: AT });
  if (cost === undefined) throw new Error('no price');
  return cost;
}

function sumOfParts(cost: CostBreakdown): bigint {
  const { totalUsd: _total, ...parts } = cost;
  return Object.values(parts)
    .filter((part) => part !== undefined)
    .map((part) => digitsAtScale(parseDecimal(part), 60))
    .reduce((sum, part) => sum + part, 0n);
}

describe('prices of the operator', () => {
  test.each([
    ['0.00000015', '0.0000006', { inputTokens: 1_000_003, outputTokens: 0 }, '0.15000045'],
    ['0.00000015', '0.0000006', { inputTokens: 11, outputTokens: 7 }, '0.00000585'],
    ['3e-06', '1.5e-05', { inputTokens: 1_234_567, outputTokens: 89_012 }, '5.038881'],
    ['0.1', '0.2', { inputTokens: 1, outputTokens: 1 }, '0.3'],
    ['1e-18', '1e-25', { inputTokens: 1, outputTokens: 1 }, '0.0000000000000000010000001'],
    ['0.00001', '0.00003', { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 0 }, '90071992547.40991'],
    ['0', '0', { inputTokens: 5, outputTokens: 5 }, '0'],
  ])('%s in and %s out for %o is exactly %s', (input, output, used, total) => {
    expect(costOf(deployment({ prices: prices(input, output) }), used).totalUsd).toBe(total);
  });

  test('cached tokens are taken out of the input and cost what input costs where no price is given', () => {
    const used = { inputTokens: 100, cacheReadTokens: 30, cacheWriteTokens: 20, cacheWrite1hTokens: 10 };
    expect(costOf(deployment({ prices: prices('2', '5') }), used)).toEqual({
      inputUsd: '80',
      cacheReadUsd: '60',
      cacheWriteUsd: '60',
      outputUsd: '0',
      totalUsd: '200',
    });
  });

  test('an hour of cache costs what five minutes cost where it has no price of its own', () => {
    const used = { inputTokens: 30, cacheWriteTokens: 20, cacheWrite1hTokens: 10 };
    expect(costOf(deployment({ prices: prices('2', '5', { write: '3' }) }), used).cacheWriteUsd).toBe('90');
    expect(costOf(deployment({ prices: prices('2', '5', { write: '3', write1h: '7' }) }), used).cacheWriteUsd).toBe('130');
  });

  test('they win over the catalogue', () => {
    const from = deployment({ pricesAs: 'openai', upstreamModel: 'gpt-4o-mini', prices: prices('1', '1') });
    expect(createPricer().price({ deployment: from, usage: usage({ inputTokens: 1 }), at: AT })).toMatchObject({
      source: 'config',
      cost: { totalUsd: '1' },
    });
  });
});

test('every price that the configuration accepts can be calculated with', () => {
  const pricer = createPricer();
  const digits = fc.stringMatching(/^[0-9]{1,12}(\.[0-9]{0,12})?(e-?[0-9]{1,2})?$/);
  fc.assert(
    fc.property(digits, (text) => {
      const config = configWithPrice(text);
      if (config === undefined) return;
      const { cost } = pricer.price({ deployment: deployment({ prices: config }), usage: usage({ inputTokens: 10 ** 9 }), at: AT });
      expect(Number(cost?.totalUsd)).toBeCloseTo(Number(text) * 10 ** 9, 0);
    }),
  );
});

function configWithPrice(text: string): PriceOverride | undefined {
  try {
    const file = `model_list: [{model_name: m, litellm_params: {model: openai/x, cost_per_token: ${text}}}]`;
    return parseConfig(file, { file: 'config.yaml', env: {}, providers: () => true }).deployments[0]?.prices;
  } catch {
    return undefined;
  }
}

describe('prices of the catalogue', () => {
  test('an Anthropic answer with every kind of cached token costs what the price list says', () => {
    const from = deployment({ pricesAs: 'anthropic', upstreamModel: 'claude-sonnet-4-20250514' });
    const used = { inputTokens: 10_000, cacheReadTokens: 6_000, cacheWriteTokens: 1_500, cacheWrite1hTokens: 500, outputTokens: 321 };
    expect(costOf(from, used)).toEqual({
      inputUsd: '0.006',
      cacheReadUsd: '0.0018',
      cacheWriteUsd: '0.008625',
      outputUsd: '0.004815',
      totalUsd: '0.02124',
    });
  });

  test('the sum has no float dust', () => {
    const from = deployment({ pricesAs: 'openai', upstreamModel: 'gpt-4o-mini' });
    expect(costOf(from, { inputTokens: 1_000_003, cacheReadTokens: 3, outputTokens: 7 }).totalUsd).toBe('0.150004425');
  });

  test('a longer input moves the whole attempt to the dearer tier, from the first token above the mark', () => {
    const from = deployment({ pricesAs: 'google', upstreamModel: 'gemini-2.5-pro' });
    expect(costOf(from, { inputTokens: 200_000, outputTokens: 10 }).totalUsd).toBe('0.2501');
    expect(costOf(from, { inputTokens: 200_001, outputTokens: 10 }).totalUsd).toBe('0.5001525');
  });

  test('a price that depends on the hour is looked up for the hour of the attempt', () => {
    const pricer = createPricer();
    const from = deployment({ pricesAs: 'deepseek', upstreamModel: 'deepseek-chat' });
    const provider = findProvider({ providerId: 'deepseek' });
    if (provider === undefined) throw new Error('no provider');
    for (const time of ['16:29:59.999Z', '16:30:00Z', '00:29:59Z', '00:30:00Z', '16:29:00Z']) {
      const at = new Date(`2025-05-01T${time}`);
      const expected = calcPrice({ input_tokens: 1_000_000 }, 'deepseek-chat', { provider, timestamp: at })?.total_price;
      const { cost } = pricer.price({ deployment: from, usage: usage({ inputTokens: 1_000_000 }), at });
      expect(Number(cost?.totalUsd), time).toBeCloseTo(expected ?? -1, 9);
    }
  });

  test('a base model names the price, with or without its provider, also for a host the catalogue does not know', () => {
    const used = { inputTokens: 1_000_000 };
    expect(costOf(deployment({ upstreamModel: 'my-deployment', baseModel: 'gpt-4o-mini' }), used).totalUsd).toBe('0.15');
    expect(costOf(deployment({ upstreamModel: 'my-deployment', baseModel: 'azure/gpt-4o-mini' }), used).totalUsd).toBe('0.15');
    expect(costOf(deployment({ pricesAs: 'azure', upstreamModel: 'x', baseModel: 'gpt-4o-mini' }), used).totalUsd).toBe('0.15');
  });

  test('an embedding model without an output price is priced, unless there is output', () => {
    const from = deployment({ pricesAs: 'openai', upstreamModel: 'text-embedding-3-small' });
    expect(costOf(from, { inputTokens: 1_000 }).totalUsd).toBe('0.00002');
    const answer = createPricer().price({ deployment: from, usage: usage({ inputTokens: 1, outputTokens: 1 }), at: AT });
    expect(answer).toEqual({ cost: undefined, source: 'unknown' });
  });

  const models = catalogueModels();

  test('agrees with the library on every model it lists, for any usage', () => {
    expect(models.length).toBeGreaterThan(1_000);
    const pricer = createPricer();
    const count = fc.nat({ max: 400_000 });
    fc.assert(
      fc.property(fc.constantFrom(...models), count, count, count, count, count, (model, fresh, read, write, write1h, output) => {
        const inputTokens = fresh + read + write + write1h;
        const theirs = calcPrice(
          {
            input_tokens: inputTokens,
            cache_read_tokens: read,
            cache_write_tokens: write + write1h,
            cache_write_1h_tokens: write1h,
            output_tokens: output,
          },
          model.id,
          { providerId: model.provider, timestamp: AT },
        );
        const ours = pricer.price({
          deployment: deployment({ pricesAs: model.provider, upstreamModel: model.id }),
          usage: usage({ inputTokens, cacheReadTokens: read, cacheWriteTokens: write, cacheWrite1hTokens: write1h, outputTokens: output }),
          at: AT,
        });
        if (ours.cost === undefined) {
          expect(theirs?.model_price['input_mtok'] === undefined || theirs.model_price['output_mtok'] === undefined).toBe(true);
          return;
        }
        expect(Math.abs(Number(ours.cost.totalUsd) - (theirs?.total_price ?? -1))).toBeLessThan(1e-9);
        expect(Math.abs(Number(ours.cost.outputUsd) - (theirs?.output_price ?? -1))).toBeLessThan(1e-9);
        expect(sumOfParts(ours.cost)).toBe(digitsAtScale(parseDecimal(ours.cost.totalUsd), 60));
      }),
      { numRuns: 1_500 },
    );
  });
});

function catalogueModels(): readonly { provider: string; id: string }[] {
  return [
    'anthropic',
    'openai',
    'google',
    'groq',
    'mistral',
    'deepseek',
    'cohere',
    'x-ai',
    'aws',
    'azure',
    'openrouter',
    'together',
  ].flatMap((provider) => (findProvider({ providerId: provider })?.models ?? []).map((model: ModelInfo) => ({ provider, id: model.id })));
}

describe('what is not known', () => {
  test.each([
    ['a model the catalogue does not list', deployment({ pricesAs: 'openai', upstreamModel: 'hosted_vllm/llama-3.3-70b' })],
    ['a provider the catalogue does not list', deployment({ pricesAs: 'no-such-host', upstreamModel: 'gpt-4o-mini' })],
    ['a known model name at a host without prices', deployment({ upstreamModel: 'gpt-4o-mini' })],
    ['an empty name', deployment({ pricesAs: 'openai', upstreamModel: '' })],
  ])('%s has no cost, not a zero', (_name, from) => {
    const pricer = createPricer();
    expect(pricer.price({ deployment: from, usage: usage({ inputTokens: 5, outputTokens: 5 }), at: AT })).toEqual({
      cost: undefined,
      source: 'unknown',
    });
    expect(pricer.source(from, AT)).toBe('unknown');
  });

  test('the cache of look-ups is bounded and a dropped entry is found again', () => {
    const pricer = createPricer({ cacheSize: 1 });
    for (const upstreamModel of ['gpt-4o-mini', 'gpt-4o', 'gpt-4o-mini']) {
      expect(pricer.source(deployment({ pricesAs: 'openai', upstreamModel }), AT)).toBe('catalogue');
    }
  });
});

describe('usage that makes no sense', () => {
  test('never throws, never costs less than nothing, and its parts still add up', () => {
    const pricer = createPricer();
    const count = fc.oneof(fc.double(), fc.integer(), fc.constant(Number.NaN), fc.constant(Number.POSITIVE_INFINITY));
    const anyUsage = fc.record({
      inputTokens: count,
      cacheReadTokens: count,
      cacheWriteTokens: count,
      cacheWrite1hTokens: count,
      outputTokens: count,
      reasoningTokens: count,
      inputAudioTokens: count,
      outputAudioTokens: count,
      inputImageTokens: count,
      outputImageTokens: count,
      images: count,
      imageSize: fc.oneof(fc.string(), fc.constant('1024x1024')),
      audioSeconds: count,
      characters: count,
      searchUnits: count,
      webSearches: count,
      serviceTier: fc.oneof(fc.string(), fc.constantFrom('flex', '__proto__', 'constructor')),
      statedCostUsd: fc.oneof(fc.string(), fc.double().map(String)),
      estimated: fc.boolean(),
    });
    const anyPrice = fc.constantFrom('0', '0.00000015', '3e-06', '1.5000000000000002e-07', '12');
    fc.assert(
      fc.property(anyUsage, anyPrice, anyPrice, fc.boolean(), (used, input, output, fromConfig) => {
        const from = fromConfig
          ? deployment({
              prices: { ...prices(input, output), further: { cost_per_image: input, cost_per_second: '0.0001', cost_per_request: output } },
            })
          : deployment({ pricesAs: 'openai', upstreamModel: 'gpt-4o-audio-preview' });
        const { cost } = pricer.price({ deployment: from, usage: used, at: AT });
        if (cost === undefined) return;
        expect(sumOfParts(cost)).toBe(digitsAtScale(parseDecimal(cost.totalUsd), 60));
      }),
    );
  });

  test('more cached tokens than input leave no negative rest', () => {
    expect(costOf(deployment({ prices: prices('1', '1', { read: '0.5' }) }), { inputTokens: 10, cacheReadTokens: 40 })).toMatchObject({
      inputUsd: '0',
      cacheReadUsd: '20',
      totalUsd: '20',
    });
  });
});
