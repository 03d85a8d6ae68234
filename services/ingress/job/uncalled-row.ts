import { ROUTE_OF_DIALECT } from '#attempts';
import { type AttemptEvent, type Lane, NO_COST, NO_USAGE } from '#contracts';
import type { Caller } from '../auth/caller.ts';
import type { ClientCall } from '../chat/read-request.ts';

export interface UncalledRequest {
  readonly call: ClientCall;
  readonly caller: Caller;
  /** The id that its client is told. */
  readonly job: string;
  readonly lane: Lane;
  /** Unix milliseconds. */
  readonly at: number;
}

/** The ledger's row of a request that nobody was called for: it costs nothing. */
export function uncalledRow({ call, caller, job, lane, at }: UncalledRequest): AttemptEvent {
  return {
    v: 1,
    job,
    attempt: 1,
    delivery: 1,
    verdict: 'done',
    status: 'success',
    by: caller.by,
    lane,
    tier: 'standard',
    stream: call.stream,
    route: ROUTE_OF_DIALECT[call.dialect],
    requestedModel: call.model,
    modelGroup: call.model,
    deploymentId: '',
    provider: '',
    model: '',
    usage: NO_USAGE,
    cost: NO_COST,
    priceSource: 'config',
    acceptedAt: at,
    startedAt: at,
    endedAt: at,
  };
}
