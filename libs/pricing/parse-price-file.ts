import { meantPrice, parsePriceName } from '#config';
import { parseDecimal } from './decimal.ts';
import { ownPriceName } from './own-price-name.ts';
import { type BookEntry, createPriceBook, type PriceBook } from './price-book.ts';
import { namedSheet } from './price-sheet.ts';
import { readPriceLists } from './read-price-lists.ts';

export interface PriceFileProblem {
  /** From 1; undefined when it can't be told. */
  readonly line: number | undefined;
  readonly message: string;
}

export interface ParsedPriceFile {
  /** What could be read: entries with a problem are left out. Undefined when nothing could. */
  readonly book: PriceBook | undefined;
  readonly problems: readonly PriceFileProblem[];
}

type JsonObject = Readonly<Record<string, unknown>>;

/** LiteLLM's example entry, which explains the fields and prices nothing. */
const NOT_A_MODEL = 'sample_spec';

/**
 * Reads a price file, JSON in one of two forms: LiteLLM's `model_prices_and_context_window.json`, or our own,
 * `{"headrace_prices": 1, "models": {"provider/model": {"input_per_million": "0.15", …}}}`. Never throws.
 */
export function parsePriceFile(text: string): ParsedPriceFile {
  const problems: PriceFileProblem[] = [];
  const root = parseJson(text, problems);
  if (root === undefined) return { book: undefined, problems };
  const isOwn = 'headrace_prices' in root;
  const models = isOwn ? readOwnModels(root, problems) : root;
  const entries = new Map<string, BookEntry>();
  for (const [name, value] of Object.entries(models)) {
    if (name === NOT_A_MODEL) continue;
    const complain = (message: string, key?: string): void => {
      problems.push({ line: lineOf(text, name, key), message: `"${name}": ${message}` });
    };
    const entry = readEntry(value, isOwn, complain);
    if (entry !== undefined && entry.sheet.points.length > 0) entries.set(name, entry);
  }
  if (entries.size === 0 && problems.length === 0) problems.push({ line: undefined, message: 'no model with a price' });
  return { book: entries.size === 0 ? undefined : createPriceBook(entries), problems };
}

function parseJson(text: string, problems: PriceFileProblem[]): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
    problems.push({ line: 1, message: 'not an object of models' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const line = /\(line (\d+) /.exec(reason)?.[1];
    const position = /at position (\d+)/.exec(reason)?.[1];
    const end = reason.includes('end of JSON input') ? text.length : undefined;
    problems.push({ line: line ? Number(line) : lineAt(text, position ? Number(position) : end), message: 'not JSON' });
  }
  return undefined;
}

function readOwnModels(root: JsonObject, problems: PriceFileProblem[]): JsonObject {
  const models = root['models'];
  if (root['headrace_prices'] !== 1) problems.push({ line: undefined, message: 'headrace_prices must be 1, the version of this form' });
  else if (isObject(models)) return models;
  else problems.push({ line: undefined, message: 'models must be an object' });
  return {};
}

/** Undefined after complaining about the first thing wrong: half an entry would price half an attempt. */
function readEntry(value: unknown, isOwn: boolean, complain: (message: string, key?: string) => void): BookEntry | undefined {
  if (!isObject(value)) {
    complain('must be an object of prices');
    return undefined;
  }
  const prices: [string, string][] = [];
  for (const [key, given] of Object.entries(value)) {
    const own = isOwn ? ownPriceName(key) : undefined;
    const name = own?.name ?? key;
    if (parsePriceName(name) === undefined) {
      if (!isOwn || NOT_PRICES.has(key)) continue;
      const meant = meantPrice(key);
      complain(`unknown price "${key}"${meant === undefined ? '' : `, did you mean "${meant}"?`}`, key);
      return undefined;
    }
    if (given === null) continue;
    const price = priceText(given, own?.perExponent ?? 0);
    if (price === undefined) {
      complain(`${key} must be a price in US dollars, 0 or more`, key);
      return undefined;
    }
    prices.push([name, price]);
  }
  const lists = readPriceLists(value, (given) => priceText(given, 0));
  const provider = value['litellm_provider'];
  return {
    provider: typeof provider === 'string' ? provider : undefined,
    sheet: namedSheet([...prices, ...lists], value['web_search_billing_unit'] === 'per_prompt'),
  };
}

/** What an entry of our own form may hold beside prices. */
const NOT_PRICES: ReadonlySet<string> = new Set([
  'comment',
  'source',
  'litellm_provider',
  'search_context_cost_per_query',
  'tiered_pricing',
  'web_search_billing_unit',
]);

const MAX_USD = 1_000_000;

/** Decimal text per unit; numbers are taken at their shortest text, which is what the file says. */
function priceText(given: unknown, perExponent: number): string | undefined {
  if (typeof given !== 'number' && typeof given !== 'string') return undefined;
  const text = String(given).trim();
  try {
    parseDecimal(text);
  } catch {
    return undefined;
  }
  if (Number(text) > MAX_USD) return undefined;
  return perExponent === 0 ? text : shifted(text, perExponent);
}

/** `2.5` per 10^6 as `2.5e-6`, exactly. */
function shifted(text: string, perExponent: number): string {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  return `${digits}e${Number(exponent) - perExponent}`;
}

/** Where an entry or one of its keys stands: found in the text, for a parsed value does not know. */
function lineOf(text: string, name: string, key: string | undefined): number | undefined {
  const at = text.indexOf(`${JSON.stringify(name)}`);
  const keyAt = key === undefined || at < 0 ? at : text.indexOf(JSON.stringify(key), at);
  return lineAt(text, keyAt < 0 ? at : keyAt);
}

function lineAt(text: string, position: number | undefined): number | undefined {
  if (position === undefined || position < 0) return undefined;
  return text.slice(0, position).split('\n').length;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
