import { createGuardMetrics } from '#guardrails';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export interface WorkerMetrics {
  readonly attempts: Counter<'provider' | 'status' | 'code'>;
  readonly unpriced: Counter<'provider' | 'model_group'>;
  readonly running: Gauge<'provider'>;
  readonly slots: Gauge<'provider'>;
  readonly laneRunning: Gauge<'provider' | 'lane' | 'tier'>;
  readonly held: Gauge<'provider' | 'lane'>;
  readonly laneJobs: Counter<'provider' | 'lane'>;
  readonly permits: Counter<'deployment' | 'outcome'>;
  readonly permitCalls: Gauge<'deployment'>;
  readonly adaptiveLimit: Gauge<'deployment'>;
  readonly queueSeconds: Histogram<'lane'>;
  readonly upstreamSeconds: Histogram<'provider'>;
  /** Jobs that went on unrun: their deployment was in cooldown. */
  readonly detours: Counter<'provider'>;
  readonly escalations: Counter<'fault'>;
  readonly refusedPulls: Counter<'reason'>;
  readonly guardrails: Counter<'guardrail' | 'hook' | 'outcome'>;
  readonly guardrailSeconds: Histogram<'guardrail' | 'hook'>;
}

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  return { ...attemptMetrics([registry]), ...createGuardMetrics(registry), ...poolMetrics([registry]), ...permitMetrics([registry]) };
}

type Registers = [Registry];

function attemptMetrics(registers: Registers) {
  return {
    attempts: new Counter({
      name: 'headrace_worker_attempts_total',
      help: 'Upstream attempts by how they ended',
      labelNames: ['provider', 'status', 'code'],
      registers,
    }),
    unpriced: new Counter({
      name: 'headrace_attempts_unpriced_total',
      help: 'Attempts whose cost is not known: nobody has a price for what was counted',
      labelNames: ['provider', 'model_group'],
      registers,
    }),
    queueSeconds: new Histogram({
      name: 'headrace_worker_queue_seconds',
      help: 'Time from acceptance to the start of an attempt',
      labelNames: ['lane'],
      buckets: SECONDS,
      registers,
    }),
    upstreamSeconds: new Histogram({
      name: 'headrace_worker_upstream_seconds',
      help: 'Time the provider took for an attempt',
      labelNames: ['provider'],
      buckets: SECONDS,
      registers,
    }),
    detours: new Counter({
      name: 'headrace_worker_detours_total',
      help: 'Jobs that went on to another deployment unrun: theirs was in cooldown',
      labelNames: ['provider'],
      registers,
    }),
    escalations: new Counter({
      name: 'headrace_worker_escalations_total',
      help: 'Answers of the weak tier of auto groups that failed a check, so that the strong tier was asked',
      labelNames: ['fault'],
      registers,
    }),
  };
}

function poolMetrics(registers: Registers) {
  return {
    running: new Gauge({ name: 'headrace_worker_running_jobs', help: 'Jobs being executed', labelNames: ['provider'], registers }),
    slots: new Gauge({
      name: 'headrace_worker_slots',
      help: 'Jobs at a time that the pool runs at most',
      labelNames: ['provider'],
      registers,
    }),
    laneRunning: new Gauge({
      name: 'headrace_worker_lane_running_jobs',
      help: 'Jobs being executed, by the lane and tier they came from: over headrace_worker_slots it is how far a pool is used',
      labelNames: ['provider', 'lane', 'tier'],
      registers,
    }),
    held: new Gauge({
      name: 'headrace_worker_held_jobs',
      help: 'Jobs pulled and not started: they wait for a permit of their deployment',
      labelNames: ['provider', 'lane'],
      registers,
    }),
    laneJobs: new Counter({
      name: 'headrace_worker_started_jobs_total',
      help: 'Jobs started by the lane they came from',
      labelNames: ['provider', 'lane'],
      registers,
    }),
    refusedPulls: new Counter({
      name: 'headrace_worker_refused_pulls_total',
      help: 'Pull requests the server refused',
      labelNames: ['reason'],
      registers,
    }),
  };
}

function permitMetrics(registers: Registers) {
  return {
    permits: new Counter({
      name: 'headrace_worker_permits_total',
      help: 'Permits asked for at limited deployments: granted, or refused until later',
      labelNames: ['deployment', 'outcome'],
      registers,
    }),
    permitCalls: new Gauge({
      name: 'headrace_worker_permit_calls',
      help: 'Calls under way at deployments that give permits',
      labelNames: ['deployment'],
      registers,
    }),
    adaptiveLimit: new Gauge({
      name: 'headrace_worker_adaptive_limit',
      help: 'Calls at a time that a deployment with concurrency auto is given now',
      labelNames: ['deployment'],
      registers,
    }),
  };
}
