import { sidesOf } from './image-rate.ts';
import type { PriceSheet } from './price-sheet.ts';
import { createRateTable, type RateTable, type TierMultipliers } from './rate-table.ts';

/** A model of a price file. */
export interface BookEntry {
  /** `litellm_provider`; undefined where the entry's name begins with the provider. */
  readonly provider: string | undefined;
  readonly sheet: PriceSheet;
}

/** What an attempt is looked up by. */
export interface BookQuery {
  /** The provider's id and its other names. */
  readonly providers: readonly string[];
  /** The name sent to the provider. */
  readonly model: string;
  /** The name to look up instead, with or without a provider in front. */
  readonly baseModel: string | undefined;
  /** Of the pictures made: LiteLLM's file has entries like `hd/1024-x-1792/dall-e-3`. */
  readonly imageSize?: string | undefined;
  readonly imageQuality?: string | undefined;
  readonly multipliers?: TierMultipliers | undefined;
}

/** The prices of one file. */
export interface PriceBook {
  readonly models: number;
  find(query: BookQuery): RateTable | undefined;
}

/** Names may end in `*`; the longest that fits counts, and a whole name before all of them. */
export function createPriceBook(entries: ReadonlyMap<string, BookEntry>): PriceBook {
  const patterns = [...entries.keys()]
    .filter((name) => name.endsWith('*'))
    .map((name) => name.slice(0, -1))
    .sort((a, b) => b.length - a.length);
  const lookUp = (query: BookQuery): BookEntry | undefined => {
    for (const { name, anyProvider } of namesOf(query)) {
      const entry = entries.get(name);
      if (entry !== undefined && (anyProvider || isOf(entry, query.providers))) return entry;
    }
    const fits = patterns.find((start) => query.providers.some((provider) => `${provider}/${query.model}`.startsWith(start)));
    return fits === undefined ? undefined : entries.get(`${fits}*`);
  };
  return {
    models: entries.size,
    find(query) {
      const entry = lookUp(query);
      return entry && createRateTable(entry.sheet, query.multipliers);
    },
  };
}

interface BookName {
  readonly name: string;
  /** The name says whose model it is, or the operator has. */
  readonly anyProvider: boolean;
}

/** The names to try, in order. A bare model name counts for its own provider only: elsewhere the same model has another price. */
function* namesOf(query: BookQuery): Generator<BookName> {
  const { providers, baseModel } = query;
  const model = baseModel ?? query.model;
  const last = model.slice(model.lastIndexOf('/') + 1);
  for (const prefix of imagePrefixes(query)) {
    for (const provider of providers) yield { name: `${provider}/${prefix}${model}`, anyProvider: true };
    yield { name: `${prefix}${model}`, anyProvider: baseModel !== undefined };
    if (last !== model) yield { name: `${prefix}${last}`, anyProvider: baseModel !== undefined };
  }
}

function imagePrefixes({ imageSize, imageQuality }: BookQuery): readonly string[] {
  const sides = sidesOf(imageSize);
  if (sides === undefined) return [''];
  const size = `${sides[0]}-x-${sides[1]}/`;
  return [`${imageQuality ?? 'standard'}/${size}`, size, ''];
}

/** LiteLLM splits a provider by format: `vertex_ai-language-models`, `bedrock_converse`, `cohere_chat`. */
function isOf({ provider }: BookEntry, providers: readonly string[]): boolean {
  return (
    provider !== undefined && providers.some((id) => provider === id || provider.startsWith(`${id}-`) || provider.startsWith(`${id}_`))
  );
}
