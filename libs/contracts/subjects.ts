import type { Lane } from './lane.ts';

/**
 * Every subject, stream, consumer and bucket name of the product. Nothing else spells one out.
 *
 * `jobs.<lane>.<tier>.<provider>`  work queue, one durable consumer per subject. Further tokens behind it: `q-<queue>` for
 *                                  deployments with limits of their own, `b<n>` for the bulk queues of a lane
 * `events.attempt.<provider>`      one message per upstream attempt, the ledger's source
 * `responses.<key>.<id>.<piece>`    answers that clients may continue or fetch again, by the hash of the key they belong to
 * `answers.<key>.<name>.…`          what requests with an idempotency key were answered, and who answers them now
 * `hr.in.<ingress>.<job>`          reply frames (core NATS), one wildcard subscription per ingress
 * `hr.beat.<ingress>`              heartbeats of workers, request/reply
 * `hr.ctl.<worker>`                acks, resend requests and cancels for one worker (core NATS)
 * `hr.answer.<ingress>`             the answer of a running job, for its other clients at other ingresses, request/reply
 * `hr.admit`, `hr.admitted.<ingress>`, `hr.topup`  admission: see `admission.ts` (core NATS)
 * `hr.jobs`                        asks every ingress for one job, or to cancel it; who has it answers (core NATS)
 * `hr.metrics`                     request-many: every process answers with its metrics
 * `hr.status.<worker>`             what a worker knows of its deployments; `hr.status` asks all for it (core NATS)
 */
export const JOBS_STREAM = 'JOBS';
export const EVENTS_STREAM = 'EVENTS';
export const DEAD_STREAM = 'DEAD';
export const RESPONSES_STREAM = 'RESPONSES';
export const ANSWERS_STREAM = 'ANSWERS';
/** What was asked and answered, where that is kept, on its way to the database. */
export const PROMPTS_STREAM = 'PROMPTS';
export const PROMPTS_SUBJECT = 'prompts.stored';
export const PROMPTS_CONSUMER = 'prompts';
export const KEYS_BUCKET = 'keys';
export const HEALTH_BUCKET = 'health';
export const BODIES_BUCKET = 'bodies';
export const LIMITS_BUCKET = 'limits';
/** Teams, users and so on, as `ScopeRecord`. */
export const SCOPES_BUCKET = 'scopes';
/** What has been spent, as the leader of admission counts it. */
export const SPEND_BUCKET = 'spend';
/** Who has the lead of what. */
export const LEADERS_BUCKET = 'leaders';
/** Models and settings that were set at run time. */
export const CONFIG_BUCKET = 'config';
export const LEDGER_CONSUMER = 'ledger';
export const METRICS_SUBJECT = 'hr.metrics';
export const JOB_REQUESTS_SUBJECT = 'hr.jobs';
/** Asks every worker for its status. */
export const STATUS_REQUEST_SUBJECT = 'hr.status';
/** The statuses of all workers. */
export const STATUS_SUBJECTS = 'hr.status.*';

/** Notes of workers that gave a job back unrun; not for the ledger. */
export const HANDBACK_SUBJECT = 'events.handback';
/** What the ledger's consumer reads. */
export const ATTEMPT_EVENTS = 'events.attempt.*';

export const JOBS_SUBJECTS = 'jobs.>';
export const EVENTS_SUBJECTS = 'events.>';
export const DEAD_SUBJECTS = 'dead.>';
export const RESPONSES_SUBJECTS = 'responses.>';
export const ANSWERS_SUBJECTS = 'answers.>';

export interface JobRoute {
  readonly lane: Lane;
  readonly tier: string;
  readonly provider: string;
  /** The queue of a deployment with limits of its own (`Deployment.queue`): its jobs block nobody else's. */
  readonly queue?: string | undefined;
  /** One of the queues beside the common one, from 0 (`JobMeta.bulk`): a key that fills its queue delays nobody in another. */
  readonly bulk?: number | undefined;
}

/** A tier or provider name as one subject token: anything NATS reserves becomes `_`. */
export function subjectToken(name: string): string {
  const token = name.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '_');
  return token === '' ? '_' : token;
}

export function jobSubject(route: JobRoute): string {
  const queue = route.queue === undefined ? '' : `.q-${subjectToken(route.queue)}`;
  const bulk = route.bulk === undefined ? '' : `.b${route.bulk}`;
  return `jobs.${route.lane}.${subjectToken(route.tier)}.${subjectToken(route.provider)}${queue}${bulk}`;
}

export function jobConsumer(route: JobRoute): string {
  const queue = route.queue === undefined ? '' : `~q-${subjectToken(route.queue)}`;
  const bulk = route.bulk === undefined ? '' : `~b${route.bulk}`;
  return `${route.lane}-${subjectToken(route.tier)}-${subjectToken(route.provider)}${queue}${bulk}`;
}

export function attemptEventSubject(provider: string): string {
  return `events.attempt.${subjectToken(provider)}`;
}

export function deadJobSubject(route: JobRoute): string {
  return `dead.${jobSubject(route)}`;
}

export function deadEventSubject(kind: string): string {
  return `dead.events.${subjectToken(kind)}`;
}

/** Of a stored response: all of its pieces (`*`) or one, counted from 0. Both names must be subject tokens. */
export function responseSubject(owner: string, id: string, piece: number | '*'): string {
  return `responses.${owner}.${id}.${piece}`;
}

/** Of a kept answer, as `responseSubject`. */
export function answerSubject(owner: string, id: string, piece: number | '*'): string {
  return `answers.${owner}.${id}.${piece}`;
}

/** Who answers the requests of one name. Both names must be subject tokens. */
export function answerClaimSubject(owner: string, name: string): string {
  return `answers.${owner}.${name}.claim`;
}

/** The prefix a job carries so that workers know where its frames go. */
export function ingressInbox(ingressId: string): string {
  return `hr.in.${ingressId}`;
}

export function frameSubject(inbox: string, jobId: string): string {
  return `${inbox}.${jobId}`;
}

export function heartbeatSubject(inbox: string): string {
  return inbox.replace('hr.in.', 'hr.beat.');
}

export function answerRequestsSubject(ingressId: string): string {
  return `hr.answer.${ingressId}`;
}

export function workerControlSubject(workerId: string): string {
  return `hr.ctl.${workerId}`;
}

export function workerStatusSubject(workerId: string): string {
  return `hr.status.${workerId}`;
}
