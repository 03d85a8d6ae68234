import type { LimitKind, RateLimits, Refusal, Remaining, Scope } from '#contracts';

/** One call in the sliding windows. Its tokens are what is reserved until it ends, then what it used. */
export interface RateEntry {
  /** Unix milliseconds: when it was admitted. */
  readonly at: number;
  input: number;
  output: number;
}

/** Requests and tokens of a scope over the last 60 s, to the millisecond, and its calls under way. */
export interface RateMeter {
  readonly scope: Scope;
  readonly model: string | undefined;
  limits: RateLimits;
  /** The oldest first, from `head` on. */
  readonly entries: RateEntry[];
  head: number;
  input: number;
  output: number;
  running: number;
}

export const RATE_WINDOW_MS = 60_000;
/** Entries that slid out are dropped from the list once there are so many. */
const COMPACT_AT = 1_024;

export interface TokenNeed {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export function createRateMeter(place: Pick<RateMeter, 'scope' | 'model'>, limits: RateLimits): RateMeter {
  return { scope: place.scope, model: place.model, limits, entries: [], head: 0, input: 0, output: 0, running: 0 };
}

/** Whether these limits can refuse anything by themselves. */
export function hasRates({ rpm, tpm, inputTpm, outputTpm, parallel }: RateLimits): boolean {
  return [rpm, tpm, inputTpm, outputTpm, parallel].some((limit) => limit !== undefined);
}

/** The limit that has no room for one more call, if any. Slides the window. */
export function blockedRate(meter: RateMeter, need: TokenNeed, at: number): Refusal | undefined {
  slide(meter, at);
  const { parallel } = meter.limits;
  if (parallel !== undefined && meter.running >= parallel) {
    return { kind: 'parallel', ...placeOf(meter), limit: String(parallel), used: String(meter.running) };
  }
  for (const gauge of GAUGES) {
    const limit = gauge.limitOf(meter.limits);
    if (limit === undefined) continue;
    const used = gauge.usedOf(meter);
    const over = used + gauge.needs(need) - limit;
    if (over <= 0 || isAlone({ kind: gauge.kind, limit, used }, need)) continue;
    return {
      kind: gauge.kind,
      ...placeOf(meter),
      limit: String(limit),
      used: String(used),
      resetsAt: freesAt(meter, gauge, over),
    };
  }
  return undefined;
}

/**
 * What a call may produce is an upper bound, often a default: a limit below it would refuse every call for ever. So a call whose input
 * fits may run when nothing else counts.
 */
function isAlone({ kind, limit, used }: GaugeState, { inputTokens, outputTokens }: TokenNeed): boolean {
  if (used > 0 || outputTokens === 0) return false;
  return (kind === 'tokens' && inputTokens < limit) || (kind === 'output_tokens' && limit > 0);
}

interface GaugeState {
  readonly kind: LimitKind;
  readonly limit: number;
  readonly used: number;
}

/** One way to count calls. */
interface Gauge {
  readonly kind: LimitKind;
  readonly limitOf: (limits: RateLimits) => number | undefined;
  readonly usedOf: (meter: RateMeter) => number;
  readonly needs: (need: TokenNeed) => number;
  readonly weighs: (entry: RateEntry) => number;
}

const GAUGES: readonly Gauge[] = [
  {
    kind: 'requests',
    limitOf: ({ rpm }) => rpm,
    usedOf: ({ entries, head }) => entries.length - head,
    needs: () => 1,
    weighs: () => 1,
  },
  {
    kind: 'tokens',
    limitOf: ({ tpm }) => tpm,
    usedOf: ({ input, output }) => input + output,
    needs: ({ inputTokens, outputTokens }) => inputTokens + outputTokens,
    weighs: ({ input, output }) => input + output,
  },
  {
    kind: 'input_tokens',
    limitOf: ({ inputTpm }) => inputTpm,
    usedOf: ({ input }) => input,
    needs: ({ inputTokens }) => inputTokens,
    weighs: ({ input }) => input,
  },
  {
    kind: 'output_tokens',
    limitOf: ({ outputTpm }) => outputTpm,
    usedOf: ({ output }) => output,
    needs: ({ outputTokens }) => outputTokens,
    weighs: ({ output }) => output,
  },
];

/** When so much has slid out, the oldest first; undefined where that is never. */
function freesAt({ entries, head }: RateMeter, gauge: Gauge, over: number): number | undefined {
  let freed = 0;
  for (let index = head; index < entries.length; index++) {
    const entry = entries[index];
    if (entry === undefined) break;
    freed += gauge.weighs(entry);
    if (freed >= over) return entry.at + RATE_WINDOW_MS;
  }
  return undefined;
}

function slide(meter: RateMeter, at: number): void {
  const { entries } = meter;
  for (let entry = entries[meter.head]; entry !== undefined && entry.at + RATE_WINDOW_MS <= at; entry = entries[meter.head]) {
    meter.input -= entry.input;
    meter.output -= entry.output;
    meter.head += 1;
  }
  if (meter.head < COMPACT_AT && meter.head < entries.length) return;
  entries.splice(0, meter.head);
  meter.head = 0;
}

/** Counts a call. One that was admitted before others, which a new leader learns of late, takes its place among them. */
export function addEntry(meter: RateMeter, entry: RateEntry): void {
  const { entries } = meter;
  let place = entries.length;
  while (place > meter.head && (entries[place - 1]?.at ?? 0) > entry.at) place -= 1;
  if (place === entries.length) entries.push(entry);
  else entries.splice(place, 0, entry);
  meter.input += entry.input;
  meter.output += entry.output;
}

/** Corrects a call's tokens in all windows that it still counts in. */
export function correctEntry(meters: readonly RateMeter[], entry: RateEntry, tokens: TokenNeed, at: number): void {
  for (const meter of meters) {
    slide(meter, at);
    if (entry.at + RATE_WINDOW_MS <= at) continue;
    meter.input += tokens.inputTokens - entry.input;
    meter.output += tokens.outputTokens - entry.output;
  }
  entry.input = tokens.inputTokens;
  entry.output = tokens.outputTokens;
}

/** Takes a call out that never was one. */
export function removeEntry(meter: RateMeter, entry: RateEntry): void {
  const place = meter.entries.lastIndexOf(entry);
  // it has slid out
  if (place < meter.head) return;
  meter.entries.splice(place, 1);
  meter.input -= entry.input;
  meter.output -= entry.output;
}

/** Whether so many more calls leave half of every limit. */
export function leavesHalfOfRates(meter: RateMeter, need: TokenNeed & { readonly calls: number }, at: number): boolean {
  slide(meter, at);
  const { parallel } = meter.limits;
  if (parallel !== undefined && (meter.running + need.calls) * 2 > parallel) return false;
  return GAUGES.every(({ limitOf, usedOf, needs }) => {
    const limit = limitOf(meter.limits);
    return limit === undefined || (usedOf(meter) + needs(need) * need.calls) * 2 <= limit;
  });
}

/** What is left now, at the end of a list. */
export function addRemaining(remaining: Remaining[], meter: RateMeter): void {
  const oldest = meter.entries[meter.head];
  const resetsAt = oldest === undefined ? undefined : oldest.at + RATE_WINDOW_MS;
  const { kind: scope } = meter.scope;
  for (const { kind, limitOf, usedOf } of GAUGES) {
    const limit = limitOf(meter.limits);
    if (limit === undefined) continue;
    const left = Math.max(0, limit - usedOf(meter));
    remaining.push({ kind, scope, model: meter.model, limit: String(limit), remaining: String(left), resetsAt });
  }
}

function placeOf({ scope, model }: RateMeter): Pick<Refusal, 'scope' | 'id' | 'model'> {
  return { scope: scope.kind, id: scope.id, model };
}
