import type { JobView } from '#contracts';

const TIMEOUT_MS = 2_000;

/** As far as it is read here. */
interface SpendRow {
  readonly model_id?: string | null;
  readonly custom_llm_provider?: string | null;
  readonly startTime: string;
  readonly endTime: string;
  readonly headrace: {
    readonly attempt: number;
    readonly status: string;
    readonly requested_model: string;
    readonly accepted_at: string;
    readonly error_code?: string | null;
    readonly error_message?: string | null;
  };
}

/**
 * A job that no ingress remembers, from the ledger. Admin is asked with the caller's own key, so it shows what that key may see. Undefined
 * for a job without a row there, and while admin or its database does not answer.
 */
export async function findLedgerJob(adminUrl: string | undefined, id: string, key: string): Promise<JobView | undefined> {
  if (adminUrl === undefined) return undefined;
  const url = new URL('/spend/logs', adminUrl);
  url.searchParams.set('request_id', id);
  try {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const rows = answer.ok ? ((await answer.json()) as SpendRow[]) : [];
    const byAttempt = rows.toSorted((a, b) => a.headrace.attempt - b.headrace.attempt);
    // of a hedged job the last one may be that which was not waited for
    const last = byAttempt.findLast(({ headrace }) => headrace.status === 'success') ?? byAttempt.at(-1);
    return last && viewOf(id, last);
  } catch {
    return undefined;
  }
}

function viewOf(id: string, row: SpendRow): JobView {
  const { attempt, status, error_code: code, error_message: message } = row.headrace;
  return {
    id,
    state: 'done',
    model: row.headrace.requested_model,
    attempt,
    deploymentId: row.model_id ?? undefined,
    provider: row.custom_llm_provider ?? undefined,
    acceptedAt: Date.parse(row.headrace.accepted_at),
    startedAt: Date.parse(row.startTime),
    deadlineAt: undefined,
    finishedAt: Date.parse(row.endTime),
    error: status === 'success' ? undefined : { code: code ?? status, message: message ?? '' },
  };
}
