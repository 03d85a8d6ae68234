import { FRAME, type Frame, frameMeta, type FinalMeta, type GatewayError, type HeadMeta } from '#contracts';
import type { AttemptLane } from '../job/attempt-lane.ts';

/** `won`: the second attempt has answered; `lost`: the first one; `failed`: neither. */
export type HedgeOutcome = 'won' | 'lost' | 'failed';

const HEDGED_HEADER = 'x-headrace-hedged';

/**
 * The second attempt of a pending job, and what waits until it is known which of the two answers.
 *
 * waiting ──the first token is late──▶ racing ──content of one of them──▶ decided
 *    │ content                           │ the second fails: the first goes on alone
 *    ▼                                   │ the first fails for good: the second goes on alone
 * decided                                ▼
 *                                     decided
 *
 * Of the second attempt frames without content (start, head) are kept here. The head of the first is too, so that status and headers are
 * those of the attempt that answers.
 */
export class HedgeRace {
  /** The second attempt while it is not known who answers. */
  lane: AttemptLane | undefined;
  outcome: HedgeOutcome | undefined;
  /** How the first attempt ended, where the second goes on alone: what the client is told should that fail too. */
  firstError: GatewayError | undefined;
  /** A second attempt was made, or is not to be made any more. */
  tried = false;
  #made = false;
  #timer: NodeJS.Timeout | undefined;
  #keepsHead = false;
  #frames: Frame[] = [];
  #head: HeadMeta | undefined;

  /** A second attempt will be made when this timer ends. */
  wait(timer: NodeJS.Timeout): void {
    clearTimeout(this.#timer);
    this.#timer = timer;
    this.#keepsHead = true;
  }

  begin(lane: AttemptLane): void {
    this.tried = true;
    this.#made = true;
    this.lane = lane;
  }

  /** The second attempt was given to another worker: what the first one said counts no more. */
  again(lane: AttemptLane): AttemptLane {
    this.#frames = [];
    this.lane = lane;
    return lane;
  }

  /** A frame of the second attempt, and what it decides. */
  keep(frame: Frame): 'answers' | 'failed' | undefined {
    this.#frames.push(frame);
    if (frame.kind === FRAME.data) return frame.body.length > 0 ? 'answers' : undefined;
    if (frame.kind === FRAME.final) return frameMeta<FinalMeta>(frame).error === undefined ? 'answers' : 'failed';
    return frame.kind === FRAME.moved ? 'failed' : undefined;
  }

  /** The second attempt goes on alone: its frames so far. */
  takeFrames(): readonly Frame[] {
    this.#head = undefined;
    this.lane = undefined;
    return this.#frames.splice(0);
  }

  /** True when it may still become another attempt's head: then it waits here. */
  keepHead(head: HeadMeta): boolean {
    if (this.#keepsHead) this.#head = head;
    return this.#keepsHead;
  }

  /** There is no second attempt, or no longer. Returns the head that was kept. */
  giveUp(): HeadMeta | undefined {
    clearTimeout(this.#timer);
    const head = this.#head;
    this.tried = true;
    this.lane = undefined;
    this.#keepsHead = false;
    this.#head = undefined;
    return head;
  }

  /** It is known who answers, or that nobody does. Returns the head that was kept. */
  decide(outcome: HedgeOutcome): HeadMeta | undefined {
    if (this.#made) this.outcome ??= outcome;
    if (outcome !== 'failed') this.firstError = undefined;
    return this.giveUp();
  }

  /** Tells in the head how the race ended. */
  marked(head: HeadMeta): HeadMeta {
    // a second attempt that has failed leaves the answer to the first
    const outcome = this.outcome ?? (this.#made && this.lane === undefined ? 'lost' : undefined);
    return outcome === undefined ? head : { ...head, headers: { ...head.headers, [HEDGED_HEADER]: outcome } };
  }
}
