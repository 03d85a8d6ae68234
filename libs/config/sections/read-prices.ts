import type { PriceOverride } from '../gateway-config.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readText, wrongKind } from '../values.ts';
import type { Fields } from './read-section.ts';

/**
 * The operator's prices of a deployment. `litellm_params` win over `model_info`, as in LiteLLM, and a price of its own wins over
 * `cost_per_token`. Where only one of input and output is given the other is free, with a warning.
 */
export function readPrices(params: Fields, info: Fields, reading: Reading): PriceOverride | undefined {
  const price = (key: string): string | undefined => readPrice(params.get(key), reading) ?? readPrice(info.get(key), reading);
  const both = price('cost_per_token');
  const input = price('input_cost_per_token') ?? both;
  const output = price('output_cost_per_token') ?? both;
  const cache = {
    cacheReadUsd: price('cache_read_input_token_cost'),
    cacheWriteUsd: price('cache_creation_input_token_cost'),
    cacheWrite1hUsd: price('cache_creation_input_token_cost_above_1hr'),
  };
  if (input === undefined && output === undefined) {
    if (Object.values(cache).some((given) => given !== undefined)) warnLoneCache(params, info, reading);
    return undefined;
  }
  if (input === undefined || output === undefined) warnOneSided(params, info, input === undefined, reading);
  return { inputUsd: input ?? '0', outputUsd: output ?? '0', ...cache };
}

/** Bounds within which every price is exact: at most 30 characters and exponents to 30. */
const PRICE = /^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?[0-3]?\d)?$/;
const MAX_LENGTH = 30;
const MAX_USD = 1_000_000;

/** Above a cent per token the price is more likely meant per million tokens. */
const SUSPICIOUS_USD = 0.01;

/** US dollars per token, the text as written (`3e-06` stays `3e-06`): a float would lose digits. */
function readPrice(node: SourceNode | undefined, reading: Reading): string | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const text = node.kind === 'text' ? readText(node, reading) : node.text;
  if (text === undefined) return undefined;
  const value = PRICE.test(text) && text.length <= MAX_LENGTH ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= MAX_USD) || (value > 0 && value < 1e-30)) {
    wrongKind(node, 'a price in US dollars per token, 0 or more, like 0.000003 or 3e-06', reading);
    return undefined;
  }
  if (value > SUSPICIOUS_USD) {
    reading.warn(
      `price ${node.path}`,
      `${placeText(node)}: ${node.path} is $${text} per single token; prices are per token, not per million`,
    );
  }
  return text;
}

function warnOneSided(params: Fields, info: Fields, inputIsFree: boolean, reading: Reading): void {
  const given = inputIsFree ? 'output_cost_per_token' : 'input_cost_per_token';
  const missing = inputIsFree ? 'input_cost_per_token' : 'output_cost_per_token';
  const node = params.get(given) ?? info.get(given);
  if (node !== undefined) reading.warn(`one-sided ${node.path}`, `${placeText(node)}: ${given} without ${missing}: the latter counts as 0`);
}

function warnLoneCache(params: Fields, info: Fields, reading: Reading): void {
  const key = [...params.keys(), ...info.keys()].find((name) => name.startsWith('cache_')) ?? '';
  const node = params.get(key) ?? info.get(key);
  if (node !== undefined) {
    reading.warn(`lone ${node.path}`, `${placeText(node)}: ${key} has no effect without input_cost_per_token and output_cost_per_token`);
  }
}
