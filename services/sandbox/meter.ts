import { createHash } from 'node:crypto';
import { createAccounts, zeroTally, type Account, type Accounts, type Tally } from './accounts.ts';
import { createRecordRing } from './record-ring.ts';

/**
 * What the sandbox would put on the bill, as providers do: prompt tokens once a request is accepted (a 200 went out), and
 * every completion token produced until the answer ended, was cut or the client left. What never was the model's answer
 * (an error status, an HTML page, an error in place of the answer) costs nothing.
 */
export interface BilledTokens {
  readonly promptTokens: number;
  /** Part of `promptTokens`. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** What is billed beside tokens; absent until there is any. */
  readonly images?: number;
  readonly audioSeconds?: number;
  readonly characters?: number;
  readonly searchUnits?: number;
}

const UNITS = ['images', 'audioSeconds', 'characters', 'searchUnits'] as const;

export const NOTHING_BILLED: BilledTokens = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** `aborted`: the client left. `cut`: the sandbox broke the answer off, as it was told. `refused`: an error status. */
export const OUTCOMES = ['completed', 'aborted', 'cut', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface MeterTotals extends BilledTokens {
  /** Each of them is in flight or has one outcome. */
  readonly requests: number;
  readonly completed: number;
  readonly aborted: number;
  readonly cut: number;
  readonly refused: number;
}

export interface MeterReading extends MeterTotals {
  readonly inFlight: number;
  readonly maxInFlight: number;
  readonly models: Readonly<Record<string, MeterTotals>>;
  /** By the first 16 hex digits of the SHA-256 of the bearer token; `none` without one. */
  readonly keys: Readonly<Record<string, MeterTotals>>;
}

export interface MeterRecord extends BilledTokens {
  readonly id: string;
  readonly model: string;
  readonly outcome: Outcome;
  readonly aborted: boolean;
  /** Unix milliseconds of the end. */
  readonly at: number;
}

/** One request on the meter. Settled once: a second settlement is ignored. */
export interface MeteredRequest {
  settle(outcome: Outcome, billed: BilledTokens): void;
}

export interface Meter {
  begin(request: { readonly number: number; readonly model: string; readonly authorization: string | undefined }): MeteredRequest;
  read(): MeterReading;
  /** Newest first, of the last 100,000. */
  records(limit: number): MeterRecord[];
  /** Requests in flight at a reset count nowhere but in `inFlight`. */
  reset(): void;
}

export interface MeterOptions {
  readonly now: () => number;
  /** The id of a request as its answer names it. */
  readonly idOf: (number: number) => string;
  readonly recordCapacity?: number;
}

const COLUMNS = ['number', 'model', 'outcome', 'promptTokens', 'cachedTokens', 'completionTokens', 'at'] as const;

export function createMeter({ now, idOf, recordCapacity = 100_000 }: MeterOptions): Meter {
  const ring = createRecordRing(COLUMNS, recordCapacity);
  let book = openBook();
  let inFlight = 0;
  let maxInFlight = 0;

  function settle(of: OpenRequest, outcome: Outcome, billed: BilledTokens): void {
    inFlight -= 1;
    if (of.book !== book) return;
    for (const totals of [book.total, of.model.totals, of.key.totals]) add(totals, outcome, billed);
    ring.push({ number: of.number, model: of.model.index, outcome: OUTCOMES.indexOf(outcome), at: now(), ...billed });
  }

  return {
    begin: ({ number, model, authorization }) => {
      inFlight += 1;
      if (inFlight > maxInFlight) maxInFlight = inFlight;
      const of: OpenRequest = { book, number, model: book.models.of(model), key: book.keys.of(authorization ?? '') };
      for (const totals of [book.total, of.model.totals, of.key.totals]) totals.requests += 1;
      let open = true;
      return {
        settle: (outcome, billed) => {
          if (open) settle(of, outcome, billed);
          open = false;
        },
      };
    },
    read: () => ({ ...book.total, inFlight, maxInFlight, models: book.models.read(), keys: book.keys.read() }),
    records: (limit) =>
      ring.newest(limit, (read) => {
        const outcome = OUTCOMES[read('outcome')] ?? 'refused';
        return {
          id: idOf(read('number')),
          model: book.models.nameOf(read('model')),
          outcome,
          aborted: outcome === 'aborted',
          promptTokens: read('promptTokens'),
          cachedTokens: read('cachedTokens'),
          completionTokens: read('completionTokens'),
          at: read('at'),
        };
      }),
    reset: () => {
      book = openBook();
      ring.clear();
      maxInFlight = inFlight;
    },
  };
}

interface Book {
  readonly total: Tally;
  readonly models: Accounts;
  readonly keys: Accounts;
}

interface OpenRequest {
  readonly book: Book;
  readonly number: number;
  readonly model: Account;
  readonly key: Account;
}

function openBook(): Book {
  return { total: zeroTally(), models: createAccounts((model) => model), keys: createAccounts(keyName) };
}

function keyName(authorization: string): string {
  if (authorization === '') return 'none';
  return createHash('sha256')
    .update(authorization.replace(/^bearer\s+/i, ''))
    .digest('hex')
    .slice(0, 16);
}

function add(totals: Tally, outcome: Outcome, billed: BilledTokens): void {
  totals[outcome] += 1;
  totals.promptTokens += billed.promptTokens;
  totals.cachedTokens += billed.cachedTokens;
  totals.completionTokens += billed.completionTokens;
  for (const unit of UNITS) {
    const amount = billed[unit];
    if (amount !== undefined) totals[unit] = (totals[unit] ?? 0) + amount;
  }
}
