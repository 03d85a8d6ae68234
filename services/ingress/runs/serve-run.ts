import type { FastifyReply } from 'fastify';
import { ROUTE_OF_DIALECT } from '#attempts';
import type { RunStore } from '#bus';
import { type ErrorCode, GatewayError, type JobMeta, type RunClaim } from '#contracts';
import { asJsonArray } from '../chat/array-response.ts';
import { createClientResponse, type ClientResponse } from '../chat/client-response.ts';
import { idHeaders } from '../chat/id-headers.ts';
import type { ClientCall } from '../chat/read-request.ts';
import { budgetRules } from '../limits/budget-rules.ts';
import type { IngressResources } from '../resources.ts';
import { acceptRun, claimOf, runNameOf } from './accept-run.ts';
import { AnswerReader } from './answer-reader.ts';
import { backgroundResponse } from './background-responses.ts';
import { RunFollower } from './run-follower.ts';
import { jobPath, showRun } from './run-view.ts';
import type { RunWish } from './run-wish.ts';

export interface RunToServe {
  readonly wish: RunWish;
  readonly call: ClientCall;
  /** Admitted. */
  readonly meta: JobMeta;
  /** Of the answer, besides the job's id. */
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: FastifyReply;
}

/** A job's own word on its deadline comes first. */
const DEADLINE_GRACE_MS = 2_000;

/**
 * Accepts a job and tells its client where to find it; a client that waits is given the answer as it comes. Whatever becomes of this
 * process or the client then, the job goes on. Throws what can't be accepted.
 */
export async function serveRun(run: RunToServe, resources: IngressResources): Promise<void> {
  const { call, meta, wish } = run;
  const store = await openRuns(resources);
  const metadata = metadataOf(call);
  await call.beforeRun?.(meta);
  const claimed = await acceptRun({ meta, body: call.body, metadata }, store, resources);
  const found =
    claimed === undefined
      ? await store.find(runNameOf(meta))
      : { name: runNameOf(meta), claim: claimOf(meta, metadata), streamSeq: claimed };
  if (found === undefined)
    throw new GatewayError('queue_unavailable', 'The job could not be found again. Try again.', { retryAfterMs: 1_000 });
  run.reply.hijack();
  if (wish.kind === 'background' && wish.waitMs === undefined) return sendAccepted(run, found.claim, resources);
  followAnswer(run, found, store, resources);
}

export async function openRuns({ runs }: Pick<IngressResources, 'runs'>): Promise<RunStore> {
  try {
    return await runs();
  } catch (cause) {
    throw new GatewayError('queue_unavailable', 'Stored jobs could not be reached. Try again.', { cause, retryAfterMs: 1_000 });
  }
}

function followAnswer(
  run: RunToServe,
  found: { readonly claim: RunClaim; readonly streamSeq: number },
  store: RunStore,
  resources: IngressResources,
): void {
  const { meta, wish, reply } = run;
  const { metrics, now } = resources;
  const route = ROUTE_OF_DIALECT[meta.dialect];
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const over = (code: ErrorCode | undefined, status = response.status): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    follower.close();
    metrics.requests.inc({ route, status: String(status), code: code ?? '' });
    metrics.requestSeconds.observe({ route }, (now() - meta.acceptedAt) / 1000);
  };
  const response = openResponse(run, resources, { onDrain: () => follower.resume(), onGone: () => over('client_gone', 499) });
  const { dialect, onStreamFailure } = meta;
  const reader = new AnswerReader({ response, dialect, onStreamFailure, onOver: over });
  const follower = new RunFollower({ name: runNameOf(meta), after: found.streamSeq, store, reader });
  const late = (): void => {
    response.fail(new GatewayError('queue_timeout', 'The answer was not complete before the request’s deadline.'), undefined);
    over('queue_timeout');
  };
  const sendAway = (): void => {
    if (response.headSent) return waitFor(meta.deadlineAt + DEADLINE_GRACE_MS - now(), late);
    sendAccepted(run, found.claim, resources);
    over(undefined, 202);
  };
  const waitFor = (ms: number, then: () => void): void => {
    timer = setTimeout(() => void (isOver || then()), Math.max(0, ms));
  };
  if (wish.kind === 'background' && wish.waitMs !== undefined) waitFor(wish.waitMs, sendAway);
  else waitFor(meta.deadlineAt + DEADLINE_GRACE_MS - now(), late);
  if (reply.raw.destroyed) over('client_gone', 499);
}

function openResponse(
  { call, meta, headers, reply }: RunToServe,
  resources: IngressResources,
  on: { readonly onDrain: () => void; readonly onGone: () => void },
): ClientResponse {
  const route = ROUTE_OF_DIALECT[meta.dialect];
  const plain = createClientResponse({
    raw: reply.raw,
    dialect: meta.dialect,
    headers: { ...headers, ...jobHeaders(meta) },
    budgetExceededStatus: budgetRules(resources.config).budgetExceededStatus,
    onHead: () => resources.metrics.firstByteSeconds.observe({ route }, (resources.now() - meta.acceptedAt) / 1000),
    ...on,
  });
  const shaped = call.asArray === true ? asJsonArray(plain, call.dialect) : plain;
  return call.watch?.(shaped, meta) ?? shaped;
}

function jobHeaders({ dialect, id }: JobMeta): Record<string, string> {
  return { ...idHeaders(dialect, id), 'x-headrace-job-url': jobPath(id) };
}

function sendAccepted({ wish, call, meta, headers, reply }: RunToServe, claim: RunClaim, { now, metrics }: IngressResources): void {
  const state = { name: runNameOf(meta), claim, isStarted: false, from: 0, end: undefined };
  const body = Buffer.from(JSON.stringify(wish.asResponse ? backgroundResponse(claim, call.fields) : showRun(state, now())));
  const applied = wish.applied === undefined ? {} : { 'preference-applied': wish.applied };
  metrics.requests.inc({ route: ROUTE_OF_DIALECT[meta.dialect], status: '202', code: '' });
  if (reply.raw.destroyed) return;
  reply.raw.writeHead(202, {
    ...headers,
    ...jobHeaders(meta),
    ...applied,
    location: jobPath(claim.job),
    'content-type': 'application/json',
    'content-length': body.length,
  });
  reply.raw.end(body);
}

const MOST_METADATA_BYTES = 4_096;

/** OpenAI's `metadata`: pairs of texts. What is none, or too large, stays in the request alone. */
export function metadataOf({ fields }: ClientCall): Readonly<Record<string, string>> | undefined {
  const { metadata } = fields;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return undefined;
  const pairs = Object.entries(metadata).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  const all = Object.fromEntries(pairs);
  return pairs.length === 0 || JSON.stringify(all).length > MOST_METADATA_BYTES ? undefined : all;
}
