import { picoOf } from '#budgets';
import { type RunningHeadrace, runSql } from '#testing';
import type { MeteredCall, MeteredProvider } from './metered-provider.ts';

/** An attempt as the ledger has it, for comparing it with the provider's own meter. */
export interface BookedAttempt {
  /** `user` of the request. */
  readonly name: string;
  /** `<attempt>.<delivery>` */
  readonly place: string;
  readonly status: string;
  readonly providerRequestId: string | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly picoUsd: bigint;
}

/** The ledger's word for an attempt whose worker died: an estimate, for nobody got the provider's word of it. */
export const LOST = 'lost';

/** What is added to the number of a delivery that is run again. */
const RUN_AGAIN = 32_768;

/** All of the ledger, out of the database itself: the API tells of 10,000 rows at a time. */
export async function bookedAttempts(headrace: RunningHeadrace): Promise<BookedAttempt[]> {
  const rows = await runSql(
    headrace.databaseUrl(),
    'select end_user, attempt, delivery, status, provider_request_id, input_tokens, output_tokens, total_usd::text from attempts',
  );
  return rows.map((row) => ({
    name: String(row['end_user']),
    place: `${Number(row['attempt'])}.${Number(row['delivery'])}`,
    status: String(row['status']),
    providerRequestId: row['provider_request_id'] as string | null,
    promptTokens: Number(row['input_tokens']),
    completionTokens: Number(row['output_tokens']),
    picoUsd: picoOf((row['total_usd'] as string | null) ?? '0'),
  }));
}

type CallRow = Pick<BookedAttempt, 'status' | 'providerRequestId' | 'promptTokens' | 'completionTokens'>;

/**
 * Whether the calls of one request are in the ledger: a call has one row, and what was answered is billed as the provider has it. A lost
 * one may be a call that was announced and had not left, so only these may be more.
 */
export function agree(calls: readonly MeteredCall[], rows: readonly CallRow[]): boolean {
  const known = rows.filter(({ status }) => status !== LOST);
  const names = known.map(({ providerRequestId: id }) => id).filter((id) => id !== null);
  const isExact = known.every((row) => {
    const call = calls.find(({ id }) => id === row.providerRequestId);
    if (row.status !== 'success') return call === undefined || call.outcome !== 'answered';
    return call?.promptTokens === row.promptTokens && call.completionTokens === row.completionTokens;
  });
  return isExact && known.length <= calls.length && rows.length >= calls.length && new Set(names).size === names.length;
}

/** Prices of the provider's one model. */
export interface Prices {
  readonly inputPicoUsd: bigint;
  readonly outputPicoUsd: bigint;
}

/** The ledger beside the meter, both at one moment. */
export interface LedgerComparison {
  readonly calls: number;
  readonly rows: number;
  /** Rows of attempts whose worker died; nothing else may differ from the meter. */
  readonly lost: number;
  /** Rows of deliveries that were run a second time, after a nats-server died that had not written down that they were over. */
  readonly runAgain: number;
  /** Calls whose answer nobody got, for their worker died: each is one of those rows. */
  readonly unheard: number;
  /** What the ledger has for all other calls, and what the provider bills for them. */
  readonly ledgerPicoUsd: bigint;
  readonly meterPicoUsd: bigint;
  /** Requests whose calls and rows do not agree. */
  readonly differing: readonly { readonly name: string; readonly calls: readonly MeteredCall[]; readonly rows: readonly BookedAttempt[] }[];
}

/** As soon as they agree and nothing is under way, else as they are in the end. */
export async function compareLedger(
  { headrace, provider, prices }: { readonly headrace: RunningHeadrace; readonly provider: MeteredProvider; readonly prices: Prices },
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<LedgerComparison> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const before = provider.calls.length;
    const rows = await bookedAttempts(headrace);
    const comparison = compare(provider.calls, rows, prices);
    const isQuiet = provider.calls.length === before && provider.calls.every(({ outcome }) => outcome !== 'open');
    if ((isQuiet && comparison.differing.length === 0) || performance.now() > until) return comparison;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function compare(calls: readonly MeteredCall[], rows: readonly BookedAttempt[], { inputPicoUsd, outputPicoUsd }: Prices): LedgerComparison {
  const byId = new Map(calls.map((call) => [call.id, call]));
  const heard = rows.flatMap(({ providerRequestId: id }) => byId.get(id ?? '') ?? []);
  const [made, booked] = [Map.groupBy(calls, ({ asked }) => asked), Map.groupBy(rows, ({ name }) => name)];
  const known = rows.filter(({ status }) => status !== LOST);
  return {
    calls: calls.length,
    rows: rows.length,
    lost: rows.length - known.length,
    runAgain: rows.filter(({ place }) => Number(place.split('.')[1]) > RUN_AGAIN).length,
    unheard: calls.length - heard.length,
    ledgerPicoUsd: known.reduce((sum, { picoUsd }) => sum + picoUsd, 0n),
    meterPicoUsd: heard.reduce(
      (sum, call) => sum + BigInt(call.promptTokens) * inputPicoUsd + BigInt(call.completionTokens) * outputPicoUsd,
      0n,
    ),
    differing: [...new Set([...made.keys(), ...booked.keys()])]
      .map((name) => ({ name, calls: made.get(name) ?? [], rows: booked.get(name) ?? [] }))
      .filter((one) => !agree(one.calls, one.rows)),
  };
}
