import { type RunningHeadrace, waitFor } from '#testing';

/** A ledger row as `/spend/logs` shows it, as far as tests look at it. */
export interface LedgerRow {
  readonly request_id: string;
  readonly api_key: string;
  readonly status: string;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly spend: number;
  readonly session_id: string | null;
  readonly end_user: string | null;
  readonly headrace: {
    readonly attempt: number;
    readonly delivery: number;
    readonly status: string;
    readonly error_code?: string | null;
    readonly [field: string]: unknown;
  };
}

export interface Books {
  readonly attempts: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Exact, in units of 1e-12 dollars. */
  readonly picoUsd: bigint;
}

export interface Meter {
  readonly requests: number;
  readonly completed: number;
  readonly aborted: number;
  readonly inFlight: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export function get(headrace: RunningHeadrace, path: string, key = headrace.masterKey): Promise<Response> {
  return fetch(new URL(path, headrace.url), { headers: { authorization: `Bearer ${key}` } });
}

/** The ledger's rows of one request, by attempt. */
export async function ledgerRows(headrace: RunningHeadrace, requestId: string): Promise<LedgerRow[]> {
  const answer = await get(headrace, `/spend/logs?request_id=${requestId}`);
  if (!answer.ok) throw new Error(`/spend/logs: ${answer.status} ${await answer.text()}`);
  const rows = (await answer.json()) as LedgerRow[];
  return rows.toSorted((a, b) => a.headrace.attempt - b.headrace.attempt || a.headrace.delivery - b.headrace.delivery);
}

/** The same as soon as there are so many of them. */
export function awaitRows(headrace: RunningHeadrace, requestId: unknown, count: number, timeoutMs?: number): Promise<LedgerRow[]> {
  return waitFor(
    async () => {
      const rows = await ledgerRows(headrace, String(requestId));
      return rows.length === count && rows;
    },
    { what: `${count} attempts in the ledger`, ...(timeoutMs !== undefined && { timeoutMs }) },
  );
}

/** The whole ledger, as far as one answer goes (10,000 rows). */
export async function allRows(headrace: RunningHeadrace): Promise<LedgerRow[]> {
  const answer = await get(headrace, '/spend/logs');
  if (!answer.ok) throw new Error(`/spend/logs: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as LedgerRow[];
}

/** The whole ledger, added up by Postgres. */
export async function readBooks(headrace: RunningHeadrace): Promise<Books> {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const answer = await get(headrace, `/spend/logs?start_date=${day(-1)}&end_date=${day(1)}&summarize=true`);
  if (!answer.ok) throw new Error(`/spend/logs: ${answer.status} ${await answer.text()}`);
  const days = (await answer.json()) as { attempts: number; prompt_tokens: number; completion_tokens: number; spend_usd: string }[];
  const sum = (field: 'attempts' | 'prompt_tokens' | 'completion_tokens') => days.reduce((total, one) => total + one[field], 0);
  return {
    attempts: sum('attempts'),
    promptTokens: sum('prompt_tokens'),
    completionTokens: sum('completion_tokens'),
    picoUsd: days.reduce((total, one) => total + toPico(one.spend_usd), 0n),
  };
}

/** The sandbox provider's own meter. */
export async function readMeter(headrace: RunningHeadrace): Promise<Meter> {
  const answer = await fetch(`http://127.0.0.1:${await headrace.port('sandbox')}/meter`);
  return (await answer.json()) as Meter;
}

/** What the meter's tokens cost at the built-in configuration's prices: $0.15 and $0.60 a million. */
export function meterPicoUsd(meter: Meter): bigint {
  return BigInt(meter.promptTokens) * 150_000n + BigInt(meter.completionTokens) * 600_000n;
}

function toPico(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole) * 10n ** 12n + BigInt(fraction.padEnd(12, '0').slice(0, 12) || '0');
}

/** A virtual key, made through the API. */
export async function createKey(headrace: RunningHeadrace, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return ((await manage(headrace, '/key/generate', fields)) as { key: string }).key;
}

export async function createTeam(headrace: RunningHeadrace, teamId: string, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await manage(headrace, '/team/new', { team_id: teamId, ...fields });
}

async function manage(headrace: RunningHeadrace, path: string, fields: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answer = await fetch(new URL(path, headrace.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
