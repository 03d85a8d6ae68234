import { LANES, type Lane } from './lane.ts';

/**
 * Every subject, stream, consumer and bucket name of the product. Nothing else spells one out.
 *
 * `jobs.<lane>.<tier>.<provider>`  work queue, one durable consumer per subject. Further tokens behind it: `q-<queue>` for
 *                                  deployments with limits of their own, `b<n>` for the bulk queues of a lane
 * `events.attempt.<provider>`      one message per upstream attempt, the ledger's source
 * `responses.<key>.<id>.<piece>`    answers that clients may continue or fetch again, by the hash of the key they belong to
 * `answers.<key>.<name>.…`          what requests with an idempotency key were answered, and who answers them now
 * `cache.<scope>.<hash>`           answers that may be given again, by who may have them and what was asked
 * `similar.<scope>.<hash>`         what those were asked, as a vector: similar requests find them by it
 * `submit.v1.<owner>.<lane>.<group>.<id>`  work queue of jobs that programs publish themselves, by the hash of the key that pays
 * `submit.held.<owner>.<lane>.<group>.<id>`  the same while a limit of that key holds them back: one queue for each owner and lane
 * `submit.cancel.<owner>.<group>[.<id>]`  a publisher's wish that its job ends, or all of a group
 * `runs.<owner>.<group>.<job>.<part>`  what became of jobs nobody waits for on a connection: `claim`, pieces of the answer from 0 on, `end`,
 *                                  `request`, `cancel` (also as `runs.<owner>.<group>.cancel`)
 * `hr.in.<ingress>.<job>`          reply frames (core NATS), one wildcard subscription per ingress
 * `hr.beat.<ingress>`              heartbeats of workers, request/reply
 * `hr.ctl.<worker>`                acks, resend requests and cancels for one worker (core NATS)
 * `hr.answer.<ingress>`             the answer of a running job, for its other clients at other ingresses, request/reply
 * `hr.admit`, `hr.admitted.<ingress>`, `hr.topup`  admission: see `admission.ts` (core NATS)
 * `hr.jobs`                        asks every ingress for one job, or to cancel it; who has it answers (core NATS)
 * `hr.cache`                       tells every ingress which cached answers it is to forget (core NATS)
 * `hr.similar`                      what texts are near a vector, beyond what an ingress has in memory; one accounting answers (core NATS)
 * `hr.metrics`                     request-many: every process answers with its metrics
 * `hr.status.<worker>`             what a worker knows of its deployments; `hr.status` asks all for it (core NATS)
 */
export const JOBS_STREAM = 'JOBS';
export const EVENTS_STREAM = 'EVENTS';
export const DEAD_STREAM = 'DEAD';
export const RESPONSES_STREAM = 'RESPONSES';
export const ANSWERS_STREAM = 'ANSWERS';
export const CACHE_STREAM = 'CACHE';
export const SUBMIT_STREAM = 'SUBMIT';
export const RUNS_STREAM = 'RUNS';
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
/** Which cached answers are to be forgotten. */
export const CACHE_NOTES_SUBJECT = 'hr.cache';
/** What texts are near a vector: any accounting that has them in Postgres answers. */
export const SIMILAR_LOOKUP_SUBJECT = 'hr.similar';
/** Takes kept texts to Postgres. */
export const SIMILAR_CONSUMER = 'similar';
/** Asks every worker for its status. */
export const STATUS_REQUEST_SUBJECT = 'hr.status';
/** The statuses of all workers. */
export const STATUS_SUBJECTS = 'hr.status.*';

/** Notes of workers that gave a job back unrun; not for the ledger. */
export const HANDBACK_SUBJECT = 'events.handback';
/** What the ledger's consumer reads. */
export const ATTEMPT_EVENTS = 'events.attempt.*';

/** Requests that were answered from the cache: rows for the ledger, several to a message. */
export const HITS_SUBJECT = 'events.hits';
export const HITS_CONSUMER = 'hits';

export const JOBS_SUBJECTS = 'jobs.>';
export const EVENTS_SUBJECTS = 'events.>';
export const DEAD_SUBJECTS = 'dead.>';
export const RESPONSES_SUBJECTS = 'responses.>';
export const ANSWERS_SUBJECTS = 'answers.>';
export const CACHE_SUBJECTS = 'cache.>';
export const SIMILAR_SUBJECTS = 'similar.>';
export const SUBMIT_SUBJECTS = 'submit.>';
export const RUNS_SUBJECTS = 'runs.>';

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

/** The queue of a subject as `jobSubject` makes them; names are as their tokens have them. Undefined for any other. */
export function parseJobSubject(subject: string): JobRoute | undefined {
  const [root, lane, tier, provider, ...rest] = subject.split('.');
  const known = LANES.find((one) => one === lane);
  if (root !== 'jobs' || known === undefined || tier === undefined || provider === undefined) return undefined;
  const queue = rest.find((token) => token.startsWith('q-'))?.slice(2);
  const bulk = rest.find((token) => /^b\d+$/.test(token))?.slice(1);
  return { lane: known, tier, provider, queue, bulk: bulk === undefined ? undefined : Number(bulk) };
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

/** Of a cached answer, of all of a scope, or of all. Both names must be subject tokens. */
export function cacheSubject(scope: string, hash: string): string {
  return `cache.${scope}.${hash}`;
}

/** The same entry's text. */
export function similarSubject(scope: string, hash: string): string {
  return `similar.${scope}.${hash}`;
}

export interface RunName {
  /** SHA-256 (hex) of the key whose job it is, as `Attribution.keyHash`. */
  readonly owner: string;
  /** What it belongs to: a batch, a publisher's own name for a set of jobs, or `BACKGROUND_GROUP`. */
  readonly group: string;
  readonly job: string;
}

/** The group of single jobs that HTTP clients sent to the background. */
export const BACKGROUND_GROUP = 'background';

/** One part of a run, or all (`*`). All names must be subject tokens. */
export function runSubject({ owner, group, job }: RunName, part: number | 'claim' | 'end' | 'cancel' | 'request' | '*'): string {
  return `runs.${owner}.${group}.${job}.${part}`;
}

/** Whether a part is some of the answer, a piece or its end; a reader of answers passes over all others, those it does not know too. */
export function isAnswerPart(part: string): boolean {
  return part === 'end' || /^\d+$/.test(part);
}

/** Asks for the end of all jobs of a group. */
export function groupCancelSubject(owner: string, group: string): string {
  return `runs.${owner}.${group}.cancel`;
}

/** What `runSubject` wrote. */
export function parseRunSubject(subject: string): RunName & { readonly part: string } {
  const [, owner = '', group = '', job = '', part = ''] = subject.split('.');
  return { owner, group, job, part };
}

/** The cancels of single jobs, and of whole groups. */
export const RUN_CANCELS = ['runs.*.*.*.cancel', 'runs.*.*.cancel'] as const;

/** The ends of all jobs of a group: its results. */
export function groupEndsSubject(owner: string, group: string): string {
  return `runs.${owner}.${group}.*.end`;
}

/** How many readers of results a publisher may have at a time. */
export const PUBLISHER_CONSUMERS = 16;

/**
 * The consumers of `RUNS` that a publisher may make and pull from. Permissions have no wildcards within a token, so they are named one by one:
 * with any name, one publisher could pull from another's.
 */
export function publisherConsumer(owner: string, slot: number): string {
  return `runs-${owner}-${slot}`;
}

export interface SubmissionName {
  readonly owner: string;
  readonly lane: Lane;
  readonly group: string;
  /** The publisher's own name for the job; unique within its group for as long as results are kept. */
  readonly id: string;
}

export function submissionSubject({ owner, lane, group, id }: SubmissionName): string {
  return `submit.v1.${owner}.${lane}.${group}.${id}`;
}

/** Where a submission waits while a limit of its owner holds it back. */
export function heldSubmissionSubject({ owner, lane, group, id }: SubmissionName): string {
  return `submit.held.${owner}.${lane}.${group}.${id}`;
}

/** What the stream takes: a submission for a lane that does not exist is refused by the server at once. */
export const SUBMIT_STREAM_SUBJECTS: readonly string[] = [
  ...LANES.map((lane) => `submit.v1.*.${lane}.>`),
  'submit.held.>',
  'submit.cancel.>',
];

export const CANCEL_CONSUMER = { name: 'intake-cancel', filterSubject: 'submit.cancel.>' } as const;

/** A publisher's wish that a job ends, or all of a group: `id` undefined. */
export function cancelSubmissionSubject({
  owner,
  group,
  id,
}: {
  readonly owner: string;
  readonly group: string;
  readonly id?: string | undefined;
}): string {
  return id === undefined ? `submit.cancel.${owner}.${group}` : `submit.cancel.${owner}.${group}.${id}`;
}

/** Those who take submissions in: one consumer for a lane, and one for each owner that is held back there. */
export function intakeConsumer(lane: Lane, heldOwner?: string): { readonly name: string; readonly filterSubject: string } {
  if (heldOwner === undefined) return { name: `intake-${lane}`, filterSubject: `submit.v1.*.${lane}.>` };
  return { name: `held-${lane}-${heldOwner}`, filterSubject: `submit.held.${heldOwner}.${lane}.>` };
}

/** What `intakeConsumer` named for an owner that is held back. */
export function parseHeldConsumer(name: string): { readonly lane: Lane; readonly owner: string } | undefined {
  const [, laneName, owner] = /^held-([a-z]+)-(.+)$/.exec(name) ?? [];
  const lane = LANES.find((one) => one === laneName);
  return lane === undefined || owner === undefined ? undefined : { lane, owner };
}

export function deadSubmissionSubject(lane: string): string {
  return `dead.submit.${subjectToken(lane)}`;
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
