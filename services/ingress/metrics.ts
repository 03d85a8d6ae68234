import { createGuardMetrics } from '#guardrails';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface IngressMetrics {
  readonly requests: Counter<'route' | 'status' | 'code'>;
  readonly inFlight: Gauge;
  readonly requestSeconds: Histogram<'route'>;
  readonly firstByteSeconds: Histogram<'route'>;
  readonly failovers: Counter<'reason'>;
  readonly resends: Counter;
  readonly queueJobs: Gauge<'queue'>;
  readonly hopeless: Counter<'code'>;
  readonly hedges: Counter<'model_group' | 'outcome'>;
  readonly cacheLookups: Counter<'result'>;
  readonly cacheStoreFailures: Counter<'what'>;
  readonly hedgesSkipped: Counter<'model_group' | 'reason'>;
  readonly guardrails: Counter<'guardrail' | 'hook' | 'outcome'>;
  readonly guardrailSeconds: Histogram<'guardrail' | 'hook'>;
}

const SECONDS = [0.002, 0.01, 0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

export function createIngressMetrics(registry: Registry): IngressMetrics {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'headrace_requests_total',
      help: 'Requests to model routes by the status and error code the client got',
      labelNames: ['route', 'status', 'code'],
      registers,
    }),
    inFlight: new Gauge({ name: 'headrace_requests_in_flight', help: 'Jobs whose clients are waiting', registers }),
    requestSeconds: new Histogram({
      name: 'headrace_request_seconds',
      help: 'Time from acceptance to the last byte',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    }),
    firstByteSeconds: new Histogram({
      name: 'headrace_first_byte_seconds',
      help: 'Time from acceptance to the head of the answer',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    }),
    failovers: new Counter({
      name: 'headrace_failovers_total',
      help: 'Jobs republished because their worker or their delivery was lost',
      labelNames: ['reason'],
      registers,
    }),
    ...createGuardMetrics(registry),
    queueJobs: new Gauge({
      name: 'headrace_queue_waiting_jobs',
      help: 'Jobs that nobody has been handed yet, of the queues that jobs of this ingress wait in',
      labelNames: ['queue'],
      registers,
    }),
    hopeless: new Counter({
      name: 'headrace_queue_refusals_total',
      help: 'Requests refused because their wait would have passed their deadline',
      labelNames: ['code'],
      registers,
    }),
    hedges: new Counter({
      name: 'headrace_hedges_total',
      help: 'Requests that got a second attempt because the first one’s token was late, by which of them answered',
      labelNames: ['model_group', 'outcome'],
      registers,
    }),
    cacheLookups: new Counter({
      name: 'headrace_cache_lookups_total',
      help: 'Requests that asked the cache, by what came of it: memory and store are hits, refresh is a request that wanted a new answer',
      labelNames: ['result'],
      registers,
    }),
    cacheStoreFailures: new Counter({
      name: 'headrace_cache_store_failures_total',
      help: 'Look-ups and entries that the store of cached answers did not take in time, and entries that were damaged',
      labelNames: ['what'],
      registers,
    }),
    hedgesSkipped: new Counter({
      name: 'headrace_hedges_skipped_total',
      help: 'Late first tokens that no second attempt was made for, by why',
      labelNames: ['model_group', 'reason'],
      registers,
    }),
    resends: new Counter({ name: 'headrace_frame_resends_total', help: 'Gaps in reply frames that were asked for again', registers }),
  };
}
