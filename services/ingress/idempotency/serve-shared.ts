import type { FastifyReply } from 'fastify';
import { type AnswerClaim, GatewayError, type RecordedAnswer } from '#contracts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { AnswerTape } from './answer-tape.ts';
import { type Follower, followTape } from './follow-tape.ts';
import type { Flight } from './flights.ts';
import type { KeptAnswers, Taken } from './kept-answers.ts';
import { leadAnswer } from './lead-answer.ts';
import { tooLargeToJoin } from './read-tape.ts';
import { relayAnswer } from './relay-answer.ts';
import type { SharedAnswer } from './shared-answer.ts';

export interface SharedCall extends Follower {
  readonly run: (call: ClientCall) => Promise<void>;
  /** Asked at each look: true when it has been answered otherwise meanwhile. */
  readonly isAnswered?: (() => boolean) | undefined;
  /** Resolves when all that its job leaves behind is stored: only then others may claim the name. */
  readonly stored?: Promise<void> | undefined;
  /** How long the claim is waited for; then it runs without one. Undefined: as long as it takes. */
  readonly claimWithinMs?: number | undefined;
}

/**
 * Answers one of several requests with one answer: the first becomes the job, the others read along, from memory where they came to
 * the same ingress, from the ingress that has it, or from the store when it is over. Every step looks again: what is free is claimed
 * by one of those who look, and the others find that claim.
 */
export async function serveShared(shared: SharedCall, resources: IngressResources): Promise<void> {
  const follower: Follower = shared;
  for (let after = 0; ;) {
    if (shared.reply.raw.destroyed) throw new GatewayError('client_gone', 'The client closed the connection.');
    if (resources.now() >= shared.deadlineAt)
      throw new GatewayError('queue_timeout', 'The request waited for its answer until its deadline.');
    if (shared.isAnswered?.() === true) return;
    const running = resources.flights.find(shared.shared);
    if (running !== undefined) {
      if (await joinFlight(running, follower, resources)) return;
      continue;
    }
    const flight = resources.flights.open(shared.shared);
    const taken = await take(flight, after, shared.claimWithinMs, resources);
    if (taken.isOurs) return leadAnswer({ flight, revision: taken.revision, stored: shared.stored }, shared.call, shared.run, resources);
    resources.flights.gaveUp(flight);
    requireSame(taken.claim, shared.shared, shared.reply);
    if (await followClaim(taken.claim, follower, resources)) return;
    after = taken.revision;
  }
}

/** A claim that can't be made fails a request with an idempotency key; identical requests then run one by ingress. */
async function take(flight: Flight, after: number, withinMs: number | undefined, { keptAnswers, flights }: IngressResources) {
  try {
    const taking = keptAnswers.take(flight.shared, after);
    return await (withinMs === undefined ? taking : inTime(taking, withinMs, keptAnswers));
  } catch (error) {
    if (flight.shared.among !== 'retries') return { isOurs: true, revision: undefined } as const;
    flights.gaveUp(flight);
    throw error;
  }
}

/** A claim that comes too late is given back. */
function inTime(taking: Promise<Taken>, withinMs: number, { release }: Pick<KeptAnswers, 'release'>) {
  const none = { isOurs: true, revision: undefined } as const;
  let isLate = false;
  const late = new Promise<typeof none>((resolve) => {
    const giveUp = (): void => {
      isLate = true;
      resolve(none);
    };
    // what has arrived while this process was busy is read first
    const timer = setTimeout(() => setImmediate(() => setImmediate(giveUp)), withinMs);
    taking.finally(() => clearTimeout(timer)).catch(() => undefined);
  });
  taking.then((taken) => (isLate && taken.isOurs ? release(taken.revision) : undefined)).catch(() => undefined);
  return Promise.race([taking, late]);
}

/** False when the flight was given up: whoever waited for it tries anew. */
async function joinFlight(flight: Flight, follower: Follower, resources: IngressResources): Promise<boolean> {
  requireSame(flight.shared, follower.shared, follower.reply);
  const tape = await flight.tape;
  if (tape !== undefined) followTape(tape, follower, resources);
  return tape !== undefined;
}

/** False when nobody answers any more: the claim may be replaced. */
async function followClaim(claim: AnswerClaim, follower: Follower, resources: IngressResources): Promise<boolean> {
  if (claim.state === 'too_large') throw notRetried(tooLargeToJoin(), follower.reply);
  if (claim.state === 'kept' && claim.job !== undefined) {
    const recorded = await resources.keptAnswers.read(follower.shared.owner, claim.job);
    if (recorded !== undefined) followTape(tapeOf(recorded), follower, resources);
    return recorded !== undefined;
  }
  // ours, and yet not among our flights: it is over, and its end could not be stored
  if (claim.ingress === resources.ingressId) return false;
  return relayAnswer(claim.ingress, follower, resources);
}

function tapeOf({ job, events }: RecordedAnswer): AnswerTape {
  const tape = new AnswerTape({ job, limitBytes: Infinity });
  for (const event of events) tape.append(event);
  return tape;
}

function requireSame(known: { readonly fingerprint: string }, { fingerprint }: SharedAnswer, reply: FastifyReply): void {
  if (known.fingerprint === fingerprint) return;
  const message = 'This Idempotency-Key was used for another request. Use a new key, or send the same body to the same route.';
  throw notRetried(new GatewayError('conflict', message, { param: 'idempotency-key' }), reply);
}

/** OpenAI's and Anthropic's SDKs send a 409 again unless they are told not to. */
function notRetried(error: GatewayError, reply: FastifyReply): GatewayError {
  reply.header('x-should-retry', 'false');
  return error;
}
