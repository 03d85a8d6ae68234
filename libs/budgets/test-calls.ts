import { type AdmissionAsk, type AttemptEvent, NO_COST, NO_USAGE, type OpenTicket } from '#contracts';

/** Calls for tests: of key `k1`, by one candidate, unless said otherwise. */
export const NOON = Date.UTC(2026, 0, 15, 12);

export function askFor(job: string, change: Partial<AdmissionAsk> = {}): AdmissionAsk {
  return {
    job,
    by: { keyHash: 'k1' },
    modelGroup: 'small',
    candidates: [{ deploymentId: 'd0', provider: 'p0' }],
    mostUsd: '0',
    inputTokens: 1,
    outputTokens: 1,
    acceptedAt: NOON,
    deadlineAt: NOON + 60_000,
    ...change,
  };
}

export type EventChange = Partial<AttemptEvent> & { readonly inputTokens?: number; readonly outputTokens?: number };

export function eventOf(job: string, totalUsd: string | undefined, change: EventChange = {}): AttemptEvent {
  const { inputTokens = 1, outputTokens = 1, ...event } = change;
  return {
    v: 1,
    job,
    attempt: 1,
    delivery: 1,
    verdict: 'done',
    status: 'success',
    by: { keyHash: 'k1' },
    lane: 'live',
    tier: 'standard',
    stream: false,
    route: '/v1/chat/completions',
    requestedModel: 'small',
    modelGroup: 'small',
    deploymentId: 'd0',
    provider: 'p0',
    model: 'm',
    usage: { ...NO_USAGE, inputTokens, outputTokens },
    cost: totalUsd === undefined ? undefined : { ...NO_COST, totalUsd },
    priceSource: totalUsd === undefined ? 'unknown' : 'config',
    acceptedAt: NOON,
    startedAt: NOON,
    endedAt: NOON,
    ...event,
  };
}

export function openTicket(job: string, change: Partial<OpenTicket> = {}): OpenTicket {
  return {
    job,
    heldUsd: '0',
    inputTokens: 1,
    outputTokens: 1,
    by: { keyHash: 'k1' },
    modelGroup: 'small',
    acceptedAt: NOON,
    deadlineAt: NOON + 60_000,
    ...change,
  };
}
