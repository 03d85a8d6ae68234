/**
 * What pricing costs: `node test/bench/pricing.ts`. One attempt priced from the catalogue, the configuration and a price file, warm; and
 * a price file of LiteLLM's size read.
 */
import { createPricer, parsePriceFile, type PricedDeployment } from '#pricing';
import { NO_USAGE, type TokenUsage } from '#contracts';

const ROUNDS = 200_000;
const MODELS = 2_600;
const AT = new Date('2026-11-20T12:00:00Z');

const usage: TokenUsage = {
  ...NO_USAGE,
  inputTokens: 12_345,
  cacheReadTokens: 8_000,
  cacheWriteTokens: 1_000,
  outputTokens: 678,
  reasoningTokens: 321,
};
const catalogue: PricedDeployment = {
  prices: undefined,
  pricesAs: 'openai',
  provider: 'openai',
  upstreamModel: 'gpt-4o-mini',
  baseModel: undefined,
};
const own = {
  inputUsd: '0.00000015',
  outputUsd: '0.0000006',
  cacheReadUsd: undefined,
  cacheWriteUsd: undefined,
  cacheWrite1hUsd: undefined,
};

const text = JSON.stringify(Object.fromEntries(Array.from({ length: MODELS }, (_, index) => [`openai/model-${index}`, fileEntry(index)])));
const readingMs = medianOf(7, () => void parsePriceFile(text));
const { book } = parsePriceFile(text);
const books = book === undefined ? [] : [book];

report('catalogue', microsecondsPerPrice(catalogue));
report('configuration', microsecondsPerPrice({ ...catalogue, prices: own }));
report('price file', microsecondsPerPrice({ ...catalogue, upstreamModel: 'model-1300' }));
process.stdout.write(`reading a file of ${MODELS} models, ${Math.round(text.length / 1_000)} kB: ${readingMs.toFixed(1)} ms\n`);

function fileEntry(index: number) {
  return {
    litellm_provider: 'openai',
    max_input_tokens: 128_000,
    input_cost_per_token: 1e-6 + index * 1e-9,
    output_cost_per_token: 4e-6,
    cache_read_input_token_cost: 1e-7,
    cache_creation_input_token_cost: 1.25e-6,
    input_cost_per_token_above_200k_tokens: 2e-6,
    output_cost_per_token_above_200k_tokens: 8e-6,
    input_cost_per_token_batches: 5e-7,
    output_cost_per_token_batches: 2e-6,
    supports_function_calling: true,
    supports_vision: true,
    source: 'made up for a measurement',
  };
}

function microsecondsPerPrice(deployment: PricedDeployment): number {
  const pricer = createPricer({ books: () => books });
  const run = (): void => {
    for (let round = 0; round < ROUNDS; round += 1) pricer.price({ deployment, usage, at: AT });
  };
  run();
  return (medianOf(5, run) * 1_000) / ROUNDS;
}

function medianOf(times: number, run: () => void): number {
  const took = Array.from({ length: times }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  });
  return took.sort((a, b) => a - b)[times >> 1] ?? Number.NaN;
}

function report(name: string, microseconds: number): void {
  process.stdout.write(`an attempt priced by the ${name}: ${microseconds.toFixed(2)} µs\n`);
}
