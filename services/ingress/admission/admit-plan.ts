import type { Deployment } from '#config';
import { type Candidate, GatewayError, type JobMeta } from '#contracts';
import type { QueueWatch } from './queue-watch.ts';

export interface AdmitInput {
  readonly plan: readonly Candidate[];
  readonly place: Pick<JobMeta, 'lane' | 'bulk'>;
  readonly now: number;
  readonly deadlineAt: number;
  /** Without it nothing is refused. */
  readonly refuseHopeless: boolean;
  readonly queues: Pick<QueueWatch, 'isQuiet' | 'waitFor'>;
  readonly deployment: (candidate: Candidate) => Deployment | undefined;
}

/** A wait below this is not worth another deployment than the strategy's choice. */
const WORTH_MOVING_MS = 1_000;
/** The estimate may be too high by this much before a request is refused for it. */
const DOUBT = 0.8;

/**
 * The plan with a candidate first whose queue is short enough: another of the same group where the first one's is long, one of the
 * fallbacks where the whole group's pass the deadline. Throws when no candidate can be reached in time, rather than to let the client
 * wait for nothing: 429 where a limit is the reason, 503 where the capacity is.
 */
export function admitPlan(input: AdmitInput): readonly Candidate[] {
  const { plan, queues, place } = input;
  const [first] = plan;
  if (queues.isQuiet || first === undefined) return plan;
  const firstWaitMs = queues.waitFor(place, first);
  if (firstWaitMs < WORTH_MOVING_MS) return plan;
  const leftMs = input.deadlineAt - input.now;
  const choices = plan.flatMap((candidate, index) => {
    return candidate.for === undefined ? [{ candidate, index, waitMs: index === 0 ? firstWaitMs : queues.waitFor(place, candidate) }] : [];
  });
  const inTime = choices.filter(({ waitMs }) => waitMs * DOUBT <= leftMs);
  const own = inTime.filter(({ candidate }) => candidate.modelGroup === first.modelGroup);
  const best = (own.length > 0 ? own : inTime).toSorted((a, b) => a.waitMs - b.waitMs || a.index - b.index)[0];
  if (best === undefined) {
    if (!input.refuseHopeless) return plan;
    throw hopeless(first, Math.min(...choices.map(({ waitMs }) => waitMs)), leftMs, input);
  }
  return best.index === 0 ? plan : [best.candidate, ...plan.filter((_, index) => index !== best.index)];
}

function hopeless(first: Candidate, waitMs: number, leftMs: number, { deployment }: AdmitInput): GatewayError {
  const limits = deployment(first);
  const seconds = Math.ceil(waitMs / 1_000);
  const wait = `The wait is about ${seconds} s, longer than this request may take (${Math.ceil(leftMs / 1_000)} s).`;
  const retryAfterMs = Math.max(1_000, Math.ceil(waitMs - leftMs));
  const limit = limits && limitText(limits);
  if (limit === undefined) return new GatewayError('queue_full', `Its provider is at its capacity. ${wait}`, { retryAfterMs });
  return new GatewayError('rate_limit_exceeded', `The deployment of ${first.modelGroup} is at its limit (${limit}). ${wait}`, {
    retryAfterMs,
  });
}

function limitText({ rpm, tpm, maxParallelRequests }: Deployment): string | undefined {
  const limits = [
    rpm === undefined ? [] : [`rpm ${rpm}`],
    tpm === undefined ? [] : [`tpm ${tpm}`],
    maxParallelRequests === undefined ? [] : [`max_parallel_requests ${maxParallelRequests}`],
  ].flat();
  return limits.length === 0 ? undefined : limits.join(', ');
}
