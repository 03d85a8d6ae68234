import type { LimitsBucket } from '#bus';
import type { Deployment, QueueSettings } from '#config';
import type { WorkerMetrics } from '../metrics.ts';
import { type AdaptiveLimit, createAdaptiveLimit } from './adaptive-limit.ts';
import { limitRules } from './limit-rules.ts';
import { createSharedLimit, type SharedLimit } from './shared-limit.ts';
import { tokenEstimate, type TokenEstimate } from './token-estimate.ts';

/**
 * Permits to call the deployments that need one: those with limits (`rpm`, `tpm`, `max_parallel_requests`, shared by all workers through
 * the bucket) and those that find their concurrency themselves (`concurrency: auto`, each worker by itself). A job gets its permit
 * before it is run; the others never come here.
 */
export interface Permits {
  /** True when a deployment needs no permit: most do. */
  isFree(deployment: Deployment | undefined): boolean;
  /** Rejects while NATS is away. */
  take(deployment: Deployment, job: PermitRequest): Promise<PermitAnswer>;
  /** Whether there is a permit under that name. */
  has(key: string): boolean;
  /** A call with a permit leaves now. */
  started(key: string): void;
  /** A call with a permit is over; does nothing for one without. `key` as in the request. */
  ended(key: string, call: EndedCall): void;
  /** The job is over, called or not. */
  close(key: string): void;
  /** Called when a call of this worker has ended for whose place others may wait. Returns its end. */
  onFreed(listener: (deploymentId: string) => void): () => void;
}

export interface PermitRequest {
  /** Names the attempt; the same for `ended`. */
  readonly key: string;
  readonly lane: string;
  /** Of the lane. */
  readonly weight: number;
  /** Of the queues of its lane. */
  readonly queue: string;
  /** Place in the queue. */
  readonly seq: number;
  readonly body: Uint8Array;
}

export type PermitAnswer = { readonly granted: true } | { readonly granted: false; readonly retryAt: number };

/** What a limit wants to know of a call. Times are Unix milliseconds. */
export interface EndedCall {
  readonly startedAt: number;
  readonly firstTokenAt: number | undefined;
  readonly endedAt: number;
  readonly stream: boolean;
  readonly success: boolean;
  /** 429, 503, 529. */
  readonly overloaded: boolean;
  /** The provider's `Retry-After` of a refusal. */
  readonly retryAfterMs: number | undefined;
  /** Input and output. */
  readonly tokens: number;
  readonly outputTokens: number;
  /** Of the provider's own account of its quota. */
  readonly quotaPauseMs: number;
}

export interface PermitsOptions {
  readonly queueing: QueueSettings;
  readonly worker: string;
  readonly bucket: LimitsBucket;
  readonly offsetMs: () => number;
  readonly highestAuto: number;
  readonly metrics: Pick<WorkerMetrics, 'permits' | 'permitCalls' | 'adaptiveLimit'>;
  readonly keyOf: (deploymentId: string) => string;
  readonly now: () => number;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

interface Gate {
  readonly limits: string;
  readonly shared: SharedLimit | undefined;
  readonly adaptive: AdaptiveLimit | undefined;
  readonly estimate: TokenEstimate;
  /** The end of a call may let another begin. */
  readonly countsCalls: boolean;
}

interface Grant {
  readonly deploymentId: string;
  readonly gate: Gate;
  readonly shared: { readonly slice: number; readonly tokens: number; readonly grantedAt: number } | undefined;
}

/** Nobody says when a call ends: who waits for one looks again after this. A call of this worker that ends says so at once. */
const BUSY_RETRY_MS = 200;

export function createPermits(options: PermitsOptions): Permits & { stop(): void } {
  const gates = new Map<string, Gate>();
  const grants = new Map<string, Grant>();
  const listeners = new Set<(deploymentId: string) => void>();

  const gateOf = (deployment: Deployment): Gate => {
    const known = gates.get(deployment.id);
    if (known && known.limits === limitsText(deployment)) return known;
    // the limits were changed: calls under way end in the old gate, and what they used is in the bucket
    known?.shared?.close();
    const gate = createGate(deployment, options);
    gates.set(deployment.id, gate);
    return gate;
  };
  const show = (id: string, { shared, adaptive }: Gate): void => {
    options.metrics.permitCalls.set({ deployment: id }, shared?.calls ?? adaptive?.calls ?? 0);
    if (adaptive) options.metrics.adaptiveLimit.set({ deployment: id }, adaptive.limit);
  };
  const end = (key: string, call: EndedCall | undefined): void => {
    const grant = grants.get(key);
    if (!grant) return;
    grants.delete(key);
    settle(grant, call, options.now());
    show(grant.deploymentId, grant.gate);
    if (grant.gate.countsCalls) for (const listener of listeners) listener(grant.deploymentId);
  };

  return {
    isFree: (deployment) => deployment?.queue === undefined,
    async take(deployment, job) {
      const gate = gateOf(deployment);
      const answer = await ask(gate, job, options.now());
      options.metrics.permits.inc({ deployment: deployment.id, outcome: answer.granted ? 'granted' : 'refused' });
      if (answer.granted) grants.set(job.key, { deploymentId: deployment.id, gate, shared: answer.shared });
      show(deployment.id, gate);
      return answer;
    },
    started(key) {
      const grant = grants.get(key);
      if (grant?.shared) grant.gate.shared?.started(grant.shared);
    },
    has: (key) => grants.has(key),
    ended: end,
    close: (key) => end(key, undefined),
    stop() {
      for (const { shared } of gates.values()) shared?.close();
    },
    onFreed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

type GateAnswer = { readonly granted: true; readonly shared: Grant['shared'] } | { readonly granted: false; readonly retryAt: number };

/** The place among this worker's own calls is held while the shared limit is asked: two jobs can't both get the last one. */
async function ask({ adaptive, shared, estimate }: Gate, job: PermitRequest, now: number): Promise<GateAnswer> {
  if (adaptive && adaptive.calls >= adaptive.limit) return { granted: false, retryAt: now + BUSY_RETRY_MS };
  adaptive?.start();
  if (!shared) return { granted: true, shared: undefined };
  const { lane, weight, queue, seq } = job;
  let granted = false;
  try {
    const result = await shared.take({ lane, weight, queue, seq, tokens: estimate.of(job.body) });
    granted = result.granted;
    return result.granted ? { granted: true, shared: result } : result;
  } finally {
    if (!granted) adaptive?.end({ startedAt: now, latencyMs: undefined, overloaded: false });
  }
}

function createGate(deployment: Deployment, options: PermitsOptions): Gate {
  const rules = limitRules(deployment, options.queueing);
  const isAuto = options.queueing.concurrency[deployment.provider] === 'auto';
  const { bucket, worker, now, offsetMs, random, onError } = options;
  return {
    limits: limitsText(deployment),
    shared: rules && createSharedLimit({ key: options.keyOf(deployment.id), rules, worker, bucket, now, offsetMs, random, onError }),
    adaptive: isAuto ? createAdaptiveLimit({ now, highest: options.highestAuto }) : undefined,
    estimate: tokenEstimate(),
    countsCalls: isAuto || rules?.parallel !== undefined,
  };
}

function limitsText({ rpm, tpm, maxParallelRequests }: Deployment): string {
  return [rpm, tpm, maxParallelRequests].join(' ');
}

/** `call` is undefined for a job that ended without one: its request counts as used all the same. */
function settle({ gate, shared }: Grant, call: EndedCall | undefined, now: number): void {
  if (shared) gate.shared?.ended(shared, call?.tokens ?? 0);
  gate.adaptive?.end({
    startedAt: call?.startedAt ?? now,
    latencyMs: call?.success === true ? latencyOf(call) : undefined,
    overloaded: call?.overloaded ?? false,
  });
  if (!call) return;
  if (call.success) gate.estimate.learn(call.outputTokens);
  const pauseMs = Math.max(call.quotaPauseMs, call.retryAfterMs ?? 0);
  if (pauseMs > 0) gate.shared?.waitUntil(now + pauseMs);
}

/** A longer answer takes longer without any waiting: a stream is measured by its first token, the rest by the whole. */
function latencyOf({ stream, firstTokenAt, startedAt, endedAt }: EndedCall): number {
  return (stream ? (firstTokenAt ?? endedAt) : endedAt) - startedAt;
}
