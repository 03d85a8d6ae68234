import type { PriceOverride } from '../settings/price-settings.ts';
import { isPerToken, parsePriceName } from '../prices/price-name.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readText, wrongKind } from '../values.ts';
import { readSearchPrices, readTieredPricing } from './read-price-lists.ts';
import type { Fields } from './read-section.ts';

/** Prices as given, text by LiteLLM's names. */
type GivenPrices = Map<string, string>;

/**
 * The operator's prices of a deployment. `litellm_params` win over `model_info`, as in LiteLLM, and a price of its own wins over
 * `cost_per_token`. Where only one of input and output is given the other is free, with a warning. Undefined when nothing is given
 * that is a price by itself: one for cached tokens or for a longer input only changes another.
 */
export function readPrices(params: Fields, info: Fields, reading: Reading): PriceOverride | undefined {
  const given: GivenPrices = new Map([...readAll(info, reading), ...readAll(params, reading)]);
  const both = given.get('cost_per_token');
  const input = given.get('input_cost_per_token') ?? both;
  const output = given.get('output_cost_per_token') ?? both;
  if (![...given.keys()].some(standsAlone)) {
    const lone = given.keys().next().value;
    if (lone !== undefined) warnLone(lone, params.get(lone) ?? info.get(lone), reading);
    return undefined;
  }
  if ((input === undefined) !== (output === undefined)) warnOneSided(params, info, input === undefined, reading);
  const further = [...given].filter(([name]) => !OWN_FIELDS.has(name));
  return {
    inputUsd: input ?? '0',
    outputUsd: output ?? '0',
    cacheReadUsd: given.get('cache_read_input_token_cost'),
    cacheWriteUsd: given.get('cache_creation_input_token_cost'),
    cacheWrite1hUsd: given.get('cache_creation_input_token_cost_above_1hr'),
    ...(further.length > 0 ? { further: Object.fromEntries(further) } : {}),
    ...(isPerPrompt(params, info, reading) ? { searchPerPrompt: true } : {}),
  };
}

const OWN_FIELDS: ReadonlySet<string> = new Set([
  'cost_per_token',
  'input_cost_per_token',
  'output_cost_per_token',
  'cache_read_input_token_cost',
  'cache_creation_input_token_cost',
  'cache_creation_input_token_cost_above_1hr',
]);

function readAll(fields: Fields, reading: Reading): GivenPrices {
  const given: GivenPrices = new Map();
  for (const [key, node] of fields) {
    const name = parsePriceName(key);
    const text =
      name !== undefined || key === 'cost_per_token' ? readPrice(node, name === undefined || isPerToken(name), reading) : undefined;
    if (text !== undefined) given.set(key, text);
  }
  const readOne = (node: SourceNode): string | undefined => readPrice(node, false, reading);
  for (const [name, text] of readSearchPrices(fields.get('search_context_cost_per_query'), readOne, reading)) given.set(name, text);
  for (const [name, text] of readTieredPricing(fields.get('tiered_pricing'), readOne, reading)) given.set(name, text);
  return given;
}

/** Prices that only change others: of cached tokens, of a longer input, of a tier of service, of searches. */
function standsAlone(key: string): boolean {
  if (key === 'cost_per_token') return true;
  const name = parsePriceName(key);
  return name !== undefined && name.aboveTokens === 0 && name.tier === '' && !DEPENDENT.test(name.kind);
}

const DEPENDENT = /^(?:cache|reasoning$|webSearch$|inputAudio$|inputImage$)/;

function isPerPrompt(params: Fields, info: Fields, reading: Reading): boolean {
  const node = params.get('web_search_billing_unit') ?? info.get('web_search_billing_unit');
  const text = readText(node, reading);
  if (node !== undefined && text !== undefined && text !== 'per_prompt' && text !== 'per_query') {
    wrongKind(node, 'per_query or per_prompt', reading);
  }
  return text === 'per_prompt';
}

/** Bounds within which every price is exact: at most 30 characters and exponents to 30. */
const PRICE = /^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?[0-3]?\d)?$/;
const MAX_LENGTH = 30;
const MAX_USD = 1_000_000;

/** Above a cent per token the price is more likely meant per million tokens. */
const SUSPICIOUS_USD = 0.01;

/** US dollars, the text as written (`3e-06` stays `3e-06`): a float would lose digits. */
function readPrice(node: SourceNode, perToken: boolean, reading: Reading): string | undefined {
  if (node.kind === 'null') return undefined;
  const text = node.kind === 'text' ? readText(node, reading) : node.text;
  if (text === undefined) return undefined;
  const value = PRICE.test(text) && text.length <= MAX_LENGTH ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= MAX_USD) || (value > 0 && value < 1e-30)) {
    const what = perToken ? 'a price in US dollars per token, 0 or more, like 0.000003 or 3e-06' : 'a price in US dollars, 0 or more';
    wrongKind(node, what, reading);
    return undefined;
  }
  if (perToken && value > SUSPICIOUS_USD) {
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

function warnLone(key: string, node: SourceNode | undefined, reading: Reading): void {
  if (node === undefined) return;
  reading.warn(`lone ${node.path}`, `${placeText(node)}: ${key} has no effect without input_cost_per_token and output_cost_per_token`);
}
