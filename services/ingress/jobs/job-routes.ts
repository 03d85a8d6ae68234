import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { BACKGROUND_GROUP, GatewayError, type JobCaller, type JobView } from '#contracts';
import { principalOf } from '../auth/authenticate-first.ts';
import { ownerOf } from '../auth/owner-of.ts';
import { presentedKey } from '../auth/presented-key.ts';
import type { IngressResources } from '../resources.ts';
import { cancelRun, findRun, listRuns } from '../runs/find-run.ts';
import { retryRun } from '../runs/retry-run.ts';
import { registerRunRoutes } from '../runs/run-routes.ts';
import { jobPath, showRun } from '../runs/run-view.ts';
import { askAllIngresses, listAllJobs } from './ask-all-ingresses.ts';
import { findLedgerJob } from './ledger-job.ts';

/** Ids become no subjects, but go into an address. */
const JOB_ID = /^[A-Za-z0-9_-]{1,128}$/;
const GROUP = JOB_ID;

export interface JobRoutesOptions {
  readonly onRequest: onRequestHookHandler;
  readonly adminUrl: string | undefined;
}

/**
 * `GET /v1/jobs`, `GET /v1/jobs/{id}`, `POST /v1/jobs/{id}/cancel` and `/retry`, at any ingress, for the key whose job it is and the master key; to
 * all others there is no such job. The list has those under way on connections, and those of a group that are kept (`?group=`, the newest 100). A job that is over can be cancelled again: the answer says how it ended.
 */
export function registerJobRoutes(app: FastifyInstance, options: JobRoutesOptions, resources: IngressResources): void {
  const handle = (type: 'show' | 'cancel') => async (request: FastifyRequest) => {
    const { id } = request.params as { readonly id: string };
    const run = await findRun(id, callerOf(request), resources);
    if (run !== undefined) return showRun(type === 'show' ? run.state : await cancelRun(run, resources.now), resources.now());
    const view = await find(type, request, options, resources);
    if (view !== undefined) return shown(view);
    throw noSuchJob();
  };
  const retry = async (request: FastifyRequest, reply: FastifyReply) => {
    const { id } = request.params as { readonly id: string };
    const run = await findRun(id, callerOf(request), resources);
    if (run === undefined) throw await notKept(request, options, resources);
    const { job, state } = await retryRun(run, resources);
    reply.code(202).headers({ location: jobPath(job), 'x-headrace-job-id': job });
    return state === undefined ? { id: job, object: 'job', state: 'queued', status: 'queued' } : showRun(state, resources.now());
  };
  const list = async (request: FastifyRequest) => {
    const { group = BACKGROUND_GROUP } = request.query as { readonly group?: string };
    if (!GROUP.test(group)) throw new GatewayError('invalid_request', 'group must be the name of a group of jobs.', { param: 'group' });
    const { keyHash } = callerOf(request);
    const [jobs, runs] = await Promise.all([listAllJobs(resources.link, callerOf(request)), listRuns(keyHash, group, resources)]);
    const shownRuns = runs.map((run) => showRun(run, resources.now()));
    return { object: 'list', data: [...jobs.map(shown), ...shownRuns] };
  };
  app.get('/v1/jobs', { onRequest: options.onRequest }, list);
  registerRunRoutes(app, { onRequest: options.onRequest, callerOf }, resources);
  app.get('/v1/jobs/:id', { onRequest: options.onRequest }, handle('show'));
  app.post('/v1/jobs/:id/cancel', { onRequest: options.onRequest }, handle('cancel'));
  app.post('/v1/jobs/:id/retry', { onRequest: options.onRequest }, retry);
}

/** Why a job that has no run can't be retried: it is one of a connection's, whose client asks again itself. */
async function notKept(request: FastifyRequest, options: JobRoutesOptions, resources: IngressResources): Promise<GatewayError> {
  const view = await find('show', request, options, resources);
  if (view === undefined) return noSuchJob();
  const text = 'Only jobs that run without a connection can be retried here. Send the request again.';
  return new GatewayError('conflict', text, { param: 'id' });
}

function noSuchJob(): GatewayError {
  return new GatewayError('job_not_found', 'There is no such job here, or it is not yet in the ledger.', { param: 'id' });
}

async function find(
  type: 'show' | 'cancel',
  request: FastifyRequest,
  { adminUrl }: JobRoutesOptions,
  { ownJobs, link, config }: IngressResources,
): Promise<JobView | undefined> {
  const { id: job } = request.params as { readonly id: string };
  if (!JOB_ID.test(job)) return undefined;
  const question = { type, job, caller: callerOf(request) };
  const known = ownJobs.answer(question) ?? (await askAllIngresses(link, question));
  return known ?? findLedgerJob(adminUrl, job, presentedKey(request.headers, undefined, config.access?.keyHeader) ?? '');
}

function callerOf(request: FastifyRequest): JobCaller {
  const principal = principalOf(request);
  return { keyHash: ownerOf(principal), isMaster: principal.kind === 'master' };
}

function shown(view: JobView) {
  const time = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    id: view.id,
    object: 'job',
    state: view.state,
    model: view.model,
    attempt: view.attempt,
    deployment: view.deploymentId ?? null,
    provider: view.provider ?? null,
    accepted_at: time(view.acceptedAt),
    started_at: time(view.startedAt),
    deadline_at: time(view.deadlineAt),
    finished_at: time(view.finishedAt),
    error: view.error ?? null,
  };
}
