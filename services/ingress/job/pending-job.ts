import {
  asGatewayError,
  type AttemptFailure,
  attemptOfRange,
  decodeFrame,
  type FinalMeta,
  FRAME,
  type Frame,
  frameMeta,
  fromErrorRecord,
  GatewayError,
  type HeadMeta,
  InvalidMessage,
  isHedgeAttempt,
  type JobMeta,
  type MovedMeta,
} from '#contracts';
import { encodeRestart } from '#dialects';
import type { ClientResponse } from '../chat/client-response.ts';
import { type HedgeOutcome, HedgeRace } from '../hedging/hedge-race.ts';
import { AttemptLane } from './attempt-lane.ts';
import { JobLanes } from './job-lanes.ts';
import { LaneLink } from './lane-link.ts';
import type { NextAttempt, PendingJobOptions } from './pending-job-options.ts';
import { createShownAnswer, type ShownAnswer } from './shown-answer.ts';

/**
 * A job whose client waits here.
 *
 * queued ──started──▶ running ──head, data*──▶ … ──final──▶ over
 *    ▲                   │ moved: another candidate's attempt, queued again
 *    └───────────────────┘ worker lost before content: the next attempt, queued again (failover.ts)
 *
 * One attempt is current; frames of lower ones are fenced, a frame of a higher one means that its `moved` got lost. A job that may be
 * hedged can have a second attempt beside it (hedge-race.ts) until one of them has content: that one is current from then on.
 */
export class PendingJob {
  readonly meta: JobMeta;
  readonly response: ClientResponse;
  /** The attempts that are waited for. */
  readonly lanes: JobLanes;
  /** Only of jobs that may be hedged. */
  readonly hedge: HedgeRace | undefined;
  /** Frames with content of the answer that the client has, about one token each. */
  relayedFrames = 0;
  /** What the client has of the answer, where another attempt may go on with it. */
  readonly shown: ShownAnswer | undefined;
  /** Names under which it was left for attempts: to be deleted with the job. */
  readonly sentRefs: string[] = [];
  previousError: string | undefined;
  /** Its failed attempts, as the worker of the current one told. */
  failures: readonly AttemptFailure[] | undefined;
  over = false;
  /** What its last attempt used and cost, once it has ended well. */
  billed: Pick<FinalMeta, 'usage' | 'cost'> | undefined;
  /** A worker has said how it ended: the outcome of its attempt is stored. */
  settled = false;

  readonly #options: PendingJobOptions;
  readonly #link: LaneLink;

  constructor(options: PendingJobOptions) {
    const { meta } = options;
    this.#options = options;
    this.#link = new LaneLink(options);
    this.meta = meta;
    this.response = options.response;
    this.hedge = options.mayBeHedged === true ? new HedgeRace() : undefined;
    this.lanes = new JobLanes({ attempt: meta.attempt, cursor: meta.cursor, queuedAt: options.now() }, this.hedge);
    this.shown = createShownAnswer(meta);
  }

  get current(): AttemptLane {
    return this.lanes.current;
  }

  onFrame(data: Uint8Array): void {
    if (this.over) return;
    try {
      this.#take(decodeFrame(data));
    } catch (error) {
      if (!(error instanceof InvalidMessage)) this.fail(asGatewayError(error));
    }
  }

  /** The client's socket has room again: its worker may send on. */
  acknowledge(): void {
    if (!this.over) this.#link.acknowledge(this.current);
  }

  /** The job goes on with a later attempt; what still comes from this one is fenced. */
  queuedAgain(next: NextAttempt): void {
    if (next.attempt <= this.current.attempt) return;
    this.lanes.begin(new AttemptLane({ ...next, queuedAt: this.#options.now() }));
    this.previousError = next.reason ?? this.previousError;
    this.failures = next.failures ?? this.failures;
    for (const frame of this.lanes.takeEarly()) if (!this.over) this.#take(frame);
  }

  /** How an attempt that is lost now can be replaced although the client has text of it. */
  get recovery(): 'continue' | 'restart' | undefined {
    if (this.meta.onStreamFailure === 'restart') return 'restart';
    return this.shown?.answer() === undefined ? undefined : 'continue';
  }

  /** The client is told to forget what it has. */
  restart(reason: string): void {
    if (this.relayedFrames === 0 || this.over) return;
    this.response.write(encodeRestart(this.meta.dialect, { attempt: attemptOfRange(this.current.attempt) + 1, reason }));
    this.relayedFrames = 0;
  }

  /** This side's link was away. */
  catchUp(): void {
    if (!this.over) for (const lane of this.lanes.all()) this.#link.catchUp(lane);
  }

  /** A heartbeat names a worker that runs an attempt whose start was not seen: its first frames got lost. */
  adopt(worker: string, attempt: number, delivery: number): void {
    const lane = this.lanes.adopt(worker, { attempt, delivery }, this.#options.now(), this.relayedFrames === 0);
    if (lane) this.#link.askAgain(lane);
  }

  /** There is no second attempt, or no longer: it has failed. The first goes on alone. */
  hedgeFailed(): void {
    const head = this.hedge?.giveUp();
    if (head !== undefined && !this.over) this.#head(head);
  }

  /** The current attempt has failed for good. A second one that is under way goes on alone, unless the request itself is wrong. */
  attemptFailed(error: GatewayError, head?: HeadMeta): void {
    const second = this.hedge?.lane;
    if (!this.hedge || !second || error.retry === 'never') return this.fail(error, head);
    this.hedge.firstError = error;
    this.#goOnWith(second);
  }

  fail(error: GatewayError, head?: HeadMeta): void {
    if (this.over) return;
    const told = this.hedge?.firstError ?? error;
    this.#decide('failed');
    this.response.fail(told, this.hedge?.outcome === undefined ? head : this.hedge.marked(head ?? { status: told.status, headers: {} }));
    this.#finish(told);
  }

  #take(frame: Frame): void {
    const lane = this.lanes.laneOf(frame, this.relayedFrames === 0);
    if (lane === undefined) return this.#fenced(frame);
    if (lane === 'early') return this.recovery === undefined ? undefined : this.lanes.keepEarly(frame);
    if (!lane.intake.take(frame, this.#applyDue)) return this.#link.askAgain(lane);
    if (!this.over) this.#link.acknowledgeWhenDue(lane);
  }

  /** A loser that begins all the same: it had moved on, and its cancel went to where it was no more. */
  #fenced(frame: Frame): void {
    if (this.hedge === undefined || frame.kind !== FRAME.started || this.lanes.laneFor(frame.attempt)) return;
    const lane = new AttemptLane({ attempt: frame.attempt, cursor: 0, queuedAt: 0 });
    lane.started(frame, 0);
    this.#options.onSuperseded(this, lane);
  }

  /** False when what comes behind it is nobody's. */
  readonly #applyDue = (frame: Frame): boolean => {
    if (frame.attempt === this.current.attempt) this.#apply(frame);
    else this.#applyToSecond(frame);
    return !this.over && this.lanes.has(frame.attempt);
  };

  #apply(frame: Frame): void {
    switch (frame.kind) {
      case FRAME.data:
        return this.#applyData(frame);
      case FRAME.started:
        this.failures = this.current.started(frame, this.#options.now()).failures ?? this.failures;
        return this.#options.onStarted(this);
      case FRAME.head:
        return this.#head(frameMeta<HeadMeta>(frame));
      case FRAME.moved:
        return this.#applyMoved(frameMeta<MovedMeta>(frame));
      case FRAME.final:
        return this.#applyFinal(frameMeta<FinalMeta>(frame), frame.body);
    }
  }

  /** While nobody has answered: the first content decides. */
  #applyToSecond(frame: Frame): void {
    const lane = this.hedge?.lane;
    if (lane === undefined) return;
    if (frame.kind === FRAME.started) this.#options.onHedgeStarted(lane.started(frame, this.#options.now()).worker);
    const verdict = this.hedge?.keep(frame);
    if (verdict === 'failed') return this.hedgeFailed();
    if (verdict === undefined) return;
    this.#options.onSuperseded(this, this.current);
    this.#goOnWith(lane, 'won');
  }

  #goOnWith(second: AttemptLane, outcome?: 'won'): void {
    const frames = this.hedge?.takeFrames() ?? [];
    if (outcome !== undefined) this.hedge?.decide(outcome);
    this.lanes.current = second;
    for (const frame of frames) if (!this.over) this.#apply(frame);
  }

  #head(head: HeadMeta): void {
    if (this.hedge?.keepHead(head) === true) return;
    this.response.head(this.hedge?.marked(head) ?? head);
  }

  #applyData(frame: Frame): void {
    if (frame.body.length > 0) {
      if (this.relayedFrames === 0) this.#decide(this.#winner);
      this.relayedFrames += 1;
      this.current.contentFrames += 1;
    }
    this.shown?.passedOn(frame);
    this.response.write(frame.body);
  }

  #applyMoved(moved: MovedMeta): void {
    if (moved.sentRef !== undefined) this.sentRefs.push(moved.sentRef);
    if (moved.recovery === 'restart') this.restart(moved.reason);
    if (this.relayedFrames > 0 && moved.recovery !== 'continue') {
      // the worker that had the answer died after it had decided to move the job: nobody goes on with the text
      return this.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.'));
    }
    this.shown?.handedOver(moved);
    this.queuedAgain(moved);
  }

  #applyFinal(final: FinalMeta, body: Uint8Array): void {
    this.settled = true;
    if (final.error) return this.attemptFailed(fromErrorRecord(final.error), final.head);
    this.#decide(this.#winner);
    this.billed = final;
    this.response.end(final.head && (this.hedge?.marked(final.head) ?? final.head), body);
    this.#finish(undefined);
  }

  get #winner(): HedgeOutcome {
    return isHedgeAttempt(this.current.attempt) ? 'won' : 'lost';
  }

  /** It is known who answers, or that nobody does: a second attempt that is still under way is not waited for. */
  #decide(outcome: HedgeOutcome): void {
    if (this.hedge === undefined) return;
    const { lane } = this.hedge;
    const head = this.hedge.decide(outcome);
    if (lane !== undefined) this.#options.onSuperseded(this, lane);
    if (head !== undefined && outcome !== 'failed') this.#head(head);
  }

  #finish(error: GatewayError | undefined): void {
    this.over = true;
    this.#options.onOver(this, error);
  }
}
