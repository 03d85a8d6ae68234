import type { FoundRun, RunStore } from '#bus';
import type { RunClaim, RunEnd, RunName, RunPiece } from '#contracts';

/** A run as its owner sees it. `end` is there once it is over. */
export interface RunState {
  readonly name: RunName;
  readonly claim: RunClaim;
  readonly isStarted: boolean;
  /** The first piece of the answer that counts. */
  readonly from: number;
  readonly end: RunEnd | undefined;
}

/** How long after its deadline a job without an end may still be on its way there. */
const LATE_MS = 60_000;

export async function readRunState({ name, claim }: FoundRun, store: RunStore): Promise<RunState> {
  const last = await store.lastPart(name);
  const end = last?.part === 'end' ? (last.facts as RunEnd) : undefined;
  const isStarted = last !== undefined && /^(?:\d+|end)$/.test(last.part);
  return { name, claim, end, isStarted, from: isStarted ? ((last.facts as RunPiece).from ?? 0) : 0 };
}

export function runStatus({ claim, isStarted, end }: RunState, now: number): RunEnd['state'] | 'queued' | 'running' {
  if (end !== undefined) return end.state;
  // accepted, and never queued: the process that accepted it died in between, and its client was told nothing
  if (now > claim.deadlineAt + LATE_MS) return 'expired';
  return isStarted ? 'running' : 'queued';
}

/** The job object of `/v1/jobs`. Times are ISO 8601, `cost_usd` is decimal text. */
export function showRun(state: RunState, now: number): Record<string, unknown> {
  const { name, claim, end } = state;
  const status = runStatus(state, now);
  const isOver = status !== 'queued' && status !== 'running';
  return {
    id: claim.job,
    object: 'job',
    state: isOver ? 'done' : status,
    status,
    group: name.group,
    custom_id: claim.id ?? null,
    model: claim.model,
    route: claim.route,
    stream: claim.stream,
    attempt: end?.attempt ?? null,
    accepted_at: timeText(claim.acceptedAt),
    started_at: timeText(end?.startedAt),
    deadline_at: timeText(claim.deadlineAt),
    finished_at: timeText(end?.endedAt),
    error: end?.error === undefined ? null : { code: end.error.code, message: end.error.message },
    usage: end?.usage === undefined ? null : { input_tokens: end.usage.inputTokens, output_tokens: end.usage.outputTokens },
    cost_usd: end?.cost?.totalUsd ?? null,
    metadata: claim.metadata ?? {},
    urls: {
      self: jobPath(claim.job),
      result: `${jobPath(claim.job)}/result`,
      stream: `${jobPath(claim.job)}/stream`,
      cancel: `${jobPath(claim.job)}/cancel`,
      retry: `${jobPath(claim.job)}/retry`,
    },
  };
}

export function jobPath(id: string): string {
  return `/v1/jobs/${id}`;
}

function timeText(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
