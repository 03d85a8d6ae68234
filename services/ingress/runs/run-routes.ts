import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { type ClientDialect, fromErrorRecord, GatewayError, type JobCaller } from '#contracts';
import { createClientResponse } from '../chat/client-response.ts';
import { idHeaders } from '../chat/id-headers.ts';
import type { IngressResources } from '../resources.ts';
import { type EventPlace, EventReader, parseEventPlace } from './event-reader.ts';
import { findRun, type KnownRun } from './find-run.ts';
import { RunFollower } from './run-follower.ts';
import { showRun } from './run-view.ts';

export interface RunRoutesOptions {
  readonly onRequest: onRequestHookHandler;
  readonly callerOf: (request: FastifyRequest) => JobCaller;
}

const POLL_MS = 100;
const LONGEST_WAIT_S = 60;
const KEEP_ALIVE_MS = 15_000;

/**
 * `GET /v1/jobs/{id}/result` gives the answer's own bytes, headers and status (202 with the job while there is none; `?wait=<seconds>` waits for it);
 * `GET /v1/jobs/{id}/stream` the same as events with ids, as they come, from behind `Last-Event-ID` on.
 */
export function registerRunRoutes(app: FastifyInstance, { onRequest, callerOf }: RunRoutesOptions, resources: IngressResources): void {
  const find = async (request: FastifyRequest): Promise<KnownRun> => {
    const { id } = request.params as { readonly id: string };
    const run = await findRun(id, callerOf(request), resources);
    if (run !== undefined) return run;
    throw new GatewayError('job_not_found', 'There is no such job here whose answer is kept.', { param: 'id' });
  };
  app.get('/v1/jobs/:id/result', { onRequest }, async (request, reply) => {
    const waitMs = readWait(request);
    let run = await find(request);
    const until = resources.now() + waitMs;
    while (run.state.end === undefined && resources.now() < until && !reply.raw.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      run = await find(request);
    }
    return sendResult(run, reply, resources);
  });
  app.get('/v1/jobs/:id/stream', { onRequest }, async (request, reply) => {
    const run = await find(request);
    sendEvents(run, parseEventPlace(lastEventId(request)), reply, resources);
  });
}

function readWait({ query }: FastifyRequest): number {
  const { wait } = query as { readonly wait?: string };
  if (wait === undefined) return 0;
  const seconds = Number(wait);
  if (/^\d+$/.test(wait) && seconds <= LONGEST_WAIT_S) return seconds * 1_000;
  throw new GatewayError('invalid_request', `wait must be a whole number of seconds, at most ${LONGEST_WAIT_S}.`, { param: 'wait' });
}

const FALLBACK_DIALECT: ClientDialect = 'openai-chat';

async function sendResult({ state, store, name, claim }: KnownRun, reply: FastifyReply, { now }: IngressResources): Promise<unknown> {
  const { end } = state;
  if (end === undefined) return reply.code(202).headers({ 'retry-after': '1' }).send(showRun(state, now()));
  const found = await store.findEnd(name);
  const answer = found && (await store.readAnswer(name, end, found.bytes));
  if (answer === undefined) throw new GatewayError('job_not_found', 'The job’s answer is no longer kept.', { param: 'id' });
  const dialect = claim.dialect ?? FALLBACK_DIALECT;
  reply.hijack();
  const ignore = (): void => undefined;
  const response = createClientResponse({
    raw: reply.raw,
    dialect,
    headers: { ...idHeaders(dialect, claim.job), 'x-headrace-job-status': end.state },
    onHead: ignore,
    onDrain: ignore,
    onGone: ignore,
  });
  const error = end.error && fromErrorRecord(end.error);
  if (error === undefined) {
    response.end(answer.head, answer.bytes);
    return undefined;
  }
  if (answer.bytes.length > 0 && answer.head !== undefined) {
    response.head(answer.head);
    response.write(answer.bytes);
  }
  response.fail(error, answer.head);
  return undefined;
}

/** The answer as events with ids, those behind `after`. */
export function sendEvents(run: KnownRun, after: EventPlace | undefined, reply: FastifyReply, { now }: IngressResources): void {
  const { store, name, claim, streamSeq, state } = run;
  const { raw } = reply;
  reply.hijack();
  const dialect = claim.dialect ?? FALLBACK_DIALECT;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    ...idHeaders(dialect, claim.job),
  });
  raw.flushHeaders();
  const keepAlive = setInterval(() => raw.writableLength === 0 && raw.write(': waiting\n\n'), KEEP_ALIVE_MS);
  const close = (): void => {
    clearInterval(keepAlive);
    follower.close();
  };
  const reader = new EventReader({
    raw,
    dialect,
    after,
    current: state.from,
    showEnd: (end) => JSON.stringify(showRun({ ...state, end }, now())),
    onDrain: () => follower.resume(),
    onOver: close,
  });
  const follower = new RunFollower({ name, after: streamSeq, store, reader });
  raw.once('close', close);
  if (raw.destroyed) close();
}

/** Browsers send the header when they reconnect by themselves; who opens a new source can only say it in the address. */
function lastEventId({ headers, query }: FastifyRequest): string | undefined {
  const header = headers['last-event-id'];
  return typeof header === 'string' ? header : (query as { readonly last_event_id?: string }).last_event_id;
}
