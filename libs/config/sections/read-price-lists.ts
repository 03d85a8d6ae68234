import { parsePriceName } from '../prices/price-name.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { wrongKind } from '../values.ts';
import { readEntries } from './read-section.ts';

type ReadOne = (node: SourceNode) => string | undefined;
type NamedPrice = readonly [name: string, usd: string];

const SIZES = ['search_context_size_medium', 'search_context_size_low', 'search_context_size_high'];

/**
 * `search_context_cost_per_query: {search_context_size_low: …, _medium, _high}` as one price of a search: the provider's usage does not
 * say what size it was, and medium is what is searched with unless asked otherwise.
 */
export function readSearchPrices(node: SourceNode | undefined, readOne: ReadOne, reading: Reading): readonly NamedPrice[] {
  if (node === undefined || node.kind === 'null') return [];
  const entries = readEntries(node, reading);
  const found = SIZES.map((size) => entries.find((entry) => entry.key === size)).find((entry) => entry !== undefined);
  const price = found && readOne(found.value);
  return price === undefined ? [] : [['web_search_cost_per_query', price]];
}

/**
 * `tiered_pricing: [{range: [0, 32000], input_cost_per_token: …}, …]` as prices above a number of input tokens. As its provider bills:
 * the range that the input is in prices the whole request.
 */
export function readTieredPricing(node: SourceNode | undefined, readOne: ReadOne, reading: Reading): readonly NamedPrice[] {
  if (node === undefined || node.kind === 'null') return [];
  if (node.kind !== 'list') {
    wrongKind(node, 'a list of ranges with their prices', reading);
    return [];
  }
  return node.items().flatMap((item) => readRange(item, readOne, reading));
}

function readRange(item: SourceNode, readOne: ReadOne, reading: Reading): readonly NamedPrice[] {
  const entries = readEntries(item, reading);
  const range = entries.find((entry) => entry.key === 'range')?.value.plain();
  const from: unknown = Array.isArray(range) ? range[0] : undefined;
  if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 0) {
    reading.problem(item, 'needs a range of tokens', { suggestion: 'for example range: [0, 32000]' });
    return [];
  }
  return entries.flatMap(({ key, value }): NamedPrice[] => {
    const price = parsePriceName(key) === undefined ? undefined : readOne(value);
    return price === undefined ? [] : [[from === 0 ? key : `${key}_above_${from}_tokens`, price]];
  });
}
