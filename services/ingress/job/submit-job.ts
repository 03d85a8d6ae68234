import { publishDurably, StreamFull } from '#bus';
import {
  type Attribution,
  encodeJobMeta,
  GatewayError,
  JOB_HEADER,
  jobMessageId,
  type JobMeta,
  jobSubject,
  type Lane,
  type RunTarget,
} from '#contracts';
import { routeOf } from '#routing';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import type { PendingJob } from './pending-job.ts';
import { planRoute } from './plan-route.ts';
import type { RequestRouting } from './request-router.ts';

/** Bodies up to this travel in the job; NATS's default limit for a message is 1 MB. */
export const INLINE_BODY_BYTES = 512 * 1024;

/** How long a request waits for the queue to accept it, over a leader election or a restart of NATS. */
const ACCEPT_WITHIN_MS = 10_000;

export interface JobRequest {
  readonly call: ClientCall;
  /** The model group after the key's aliases and the auto groups. */
  readonly model: string;
  readonly by: Attribution;
  readonly deadlineAt: number;
  readonly routing: RequestRouting;
  /** Of an auto group. */
  readonly decision?: JobMeta['decision'];
  readonly headers: Readonly<Record<string, string>>;
  readonly traceparent: string | undefined;
  readonly onStreamFailure?: JobMeta['onStreamFailure'];
  /** `live`, of clients that wait, unless it says another. */
  readonly lane?: Lane | undefined;
  /** Its answer is stored, and read from there by whoever wants it. */
  readonly run?: RunTarget | undefined;
  /** Whoever ends it may keep what it is asked and answered. */
  readonly keepsPrompt?: boolean | undefined;
  /** A new one unless it has one already. */
  readonly jobId?: string | undefined;
}

/** Plans the route and makes the job. Throws 404 `model_not_found` when nobody serves the model, and what `createPlan` throws. */
export function planJob(request: JobRequest, resources: IngressResources): JobMeta {
  const id = request.jobId ?? resources.newJobId();
  const { call, model, by, deadlineAt, lane = 'live', run } = request;
  const bulk = resources.fairShare.bulkFor(lane, by.keyHash);
  const place = { lane, bulk };
  const plan = planRoute({ jobId: id, call, model, by, router: request.routing.router, place, deadlineAt }, resources);
  if (!plan) {
    throw new GatewayError('model_not_found', `The model ${request.model} does not exist here. GET /v1/models lists what does.`, {
      param: 'model',
    });
  }
  return {
    v: 1,
    id,
    attempt: 1,
    cursor: 0,
    plan,
    ...place,
    dialect: request.call.dialect,
    stream: request.call.stream,
    model: request.call.model,
    modelGroup: resources.models.resolve(request.model)?.group,
    decision: request.decision,
    inbox: run === undefined ? resources.pending.inbox : undefined,
    run,
    acceptedAt: resources.now(),
    deadlineAt: request.deadlineAt,
    by: request.by,
    uploadRef: request.call.uploadRef,
    bodyRef: request.call.body.length > INLINE_BODY_BYTES ? id : undefined,
    headers: request.headers,
    numRetries: request.routing.numRetries,
    traceparent: request.traceparent,
    onStreamFailure: streamPolicyOf(request),
    guard: call.guard,
    prompt: request.keepsPrompt === true ? { bytes: call.body.length } : undefined,
  };
}

/** A stream that is held back in part can't be gone on with: what its client has of it is not what the provider said. */
function streamPolicyOf({ call: { guard }, onStreamFailure }: JobRequest): JobMeta['onStreamFailure'] {
  const isHeldBack = guard?.hidden !== undefined || guard?.names !== undefined;
  return isHeldBack && onStreamFailure === 'continue' ? undefined : onStreamFailure;
}

/** Publishes the job. Its awaited ack is the moment of acceptance: from here on it ends in an answer or a clear error. */
export async function submitJob(job: PendingJob, body: Uint8Array, resources: IngressResources): Promise<void> {
  const { meta } = job;
  try {
    const streamSeq = await publishAttempt(meta, await submitBody(meta, body, resources), resources);
    // a repeated publish may be acknowledged after the job has moved on
    if (job.current.attempt === meta.attempt) job.current.streamSeq = streamSeq;
  } catch (error) {
    throw acceptanceError(error);
  }
}

/** Stores a body that is too large to travel, and notes that the job is about to be queued. Returns what travels. */
export async function submitBody(
  meta: JobMeta,
  body: Uint8Array,
  { bodies, queues }: Pick<IngressResources, 'bodies' | 'queues'>,
): Promise<Uint8Array> {
  if (meta.bodyRef !== undefined) await bodies.put(meta.bodyRef, body);
  queues.queued(meta);
  return meta.bodyRef === undefined ? body : NOTHING;
}

const NOTHING = new Uint8Array(0);

/** One attempt's message, in the subject of its candidate. Returns its sequence in JOBS. */
export async function publishAttempt(
  meta: JobMeta,
  data: Uint8Array,
  resources: Pick<IngressResources, 'bus' | 'models'>,
): Promise<number> {
  const candidate = meta.plan[meta.cursor];
  if (!candidate) throw new GatewayError('internal_error', 'A job points past the end of its plan.');
  const stored = await publishDurably(
    resources.bus,
    {
      subject: jobSubject(routeOf(meta, candidate, resources.models)),
      data,
      messageId: jobMessageId(meta.id, meta.attempt),
      headers: { [JOB_HEADER]: encodeJobMeta(meta) },
    },
    { giveUpAfterMs: ACCEPT_WITHIN_MS },
  );
  return stored.streamSeq;
}

/** What could not be queued, as its client is told. */
export function acceptanceError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof StreamFull) {
    return new GatewayError('queue_full', 'The queue is full. Try again later.', { cause: error, retryAfterMs: 5_000 });
  }
  return new GatewayError('queue_unavailable', 'The queue could not be reached. Try again.', { cause: error, retryAfterMs: 1_000 });
}
