import type { FastifyReply, FastifyRequest } from 'fastify';
import { ROUTE_OF_DIALECT } from '#attempts';
import { GatewayError } from '#contracts';
import { type ClientResponse, type ClientResponseOptions, createClientResponse } from '../chat/client-response.ts';
import { idHeaders } from '../chat/id-headers.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import type { AnswerTape } from './answer-tape.ts';
import { readTape } from './read-tape.ts';
import type { SharedAnswer } from './shared-answer.ts';

/** A client that is given the answer of another request's job. */
export interface Follower {
  readonly shared: SharedAnswer;
  readonly call: ClientCall;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly deadlineAt: number;
  /** Headers of its answer, beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** It was given the answer to its end. */
  readonly onFollowed?: (() => void) | undefined;
}

/** Which header tells that nothing was run for this request. */
const MARKS: Readonly<Record<SharedAnswer['among'], Readonly<Record<string, string>>>> = {
  retries: { 'x-headrace-idempotent-replay': 'true' },
  twins: { 'x-headrace-single-flight': 'follower' },
  askers: { 'x-headrace-single-flight': 'follower' },
};

/** Gives the client the answer, under the id of the job that made it. */
export function followTape(tape: AnswerTape, follower: Follower, resources: IngressResources): void {
  const { call, reply, shared } = follower;
  if (call.uploadRef !== undefined) void resources.bodies.delete(call.uploadRef).catch(() => undefined);
  reply.hijack();
  if (reply.raw.destroyed) return;
  const route = ROUTE_OF_DIALECT[call.dialect];
  const open = (on: Pick<ClientResponseOptions, 'onDrain' | 'onGone'>): ClientResponse =>
    createClientResponse({
      raw: reply.raw,
      dialect: call.dialect,
      headers: { ...idHeaders(call.dialect, tape.job), ...MARKS[shared.among], ...follower.headers },
      onHead: () => undefined,
      ...on,
    });
  // an answer that is over ends the reading before it has begun to wait
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const fail = readTape(tape, {
    open,
    onOver: (response, code) => {
      isOver = true;
      clearTimeout(timer);
      const status = code === 'client_gone' ? 499 : response.status;
      resources.metrics.requests.inc({ route, status: String(status), code: code ?? '' });
      if (code === undefined) follower.onFollowed?.();
    },
  });
  const late = new GatewayError('upstream_timeout', 'The answer was not complete before the request’s deadline.');
  if (!isOver) timer = setTimeout(() => fail(late), Math.max(0, follower.deadlineAt - resources.now()));
}
