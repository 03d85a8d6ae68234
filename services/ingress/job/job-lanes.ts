import { type Frame, isHedgeAttempt } from '#contracts';
import type { HedgeRace } from '../hedging/hedge-race.ts';
import { AttemptLane, type AttemptPlace } from './attempt-lane.ts';

/**
 * The attempts of a pending job that are waited for: the current one and, while it is not known which of two answers, a second. All others
 * are fenced.
 */
export class JobLanes {
  current: AttemptLane;
  readonly #race: HedgeRace | undefined;
  /** Frames of the next attempt that came before this one's `moved`. */
  readonly #early: Frame[] = [];

  constructor(first: AttemptPlace, race: HedgeRace | undefined) {
    this.current = new AttemptLane(first);
    this.#race = race;
  }

  all(): readonly AttemptLane[] {
    const second = this.#race?.lane;
    return second === undefined ? [this.current] : [this.current, second];
  }

  has(attempt: number): boolean {
    return attempt === this.current.attempt || attempt === this.#race?.lane?.attempt;
  }

  /** The lane of an attempt, or the one that it would be the next of; undefined when it is fenced. */
  laneFor(attempt: number): AttemptLane | undefined {
    if (attempt === this.#race?.lane?.attempt) return this.#race.lane;
    const isOfLoser = isHedgeAttempt(attempt) && !isHedgeAttempt(this.current.attempt);
    return isOfLoser || attempt < this.current.attempt ? undefined : this.current;
  }

  /** The lane for a frame, begun anew where it is the first one of an attempt or delivery. `early`: the current attempt must end first. */
  laneOf({ attempt, delivery }: Frame, mayBeginAnew: boolean): AttemptLane | 'early' | undefined {
    const lane = this.laneFor(attempt);
    if (!lane || (attempt === lane.attempt && delivery < lane.delivery)) return undefined;
    const isNew = attempt > lane.attempt || (delivery > lane.delivery && lane.delivery !== 0);
    if (isNew && lane !== this.current) return this.#race?.again(lane.followedBy(attempt, delivery));
    if (isNew) return mayBeginAnew ? this.begin(lane.followedBy(attempt, delivery)) : 'early';
    lane.delivery = delivery;
    return lane;
  }

  /** Of a job that may go on with what the client has: the rest of the current attempt comes first. */
  keepEarly(frame: Frame): void {
    if (frame.attempt > this.current.attempt && this.#early.length < MOST_EARLY_FRAMES) this.#early.push(frame);
  }

  takeEarly(): readonly Frame[] {
    return this.#early.splice(0);
  }

  /** The job goes on with it. */
  begin(lane: AttemptLane): AttemptLane {
    this.current = lane;
    return lane;
  }

  /** A worker says that it runs an attempt. Undefined when that one must wait, or is fenced. */
  adopt(worker: string, { attempt, delivery }: { attempt: number; delivery: number }, now: number, mayBeginAnew: boolean) {
    const known = this.laneFor(attempt);
    if (!known || (attempt > known.attempt && !mayBeginAnew)) return undefined;
    const lane = attempt > known.attempt ? this.begin(known.followedBy(attempt, delivery)) : known;
    lane.adopted(worker, delivery, now);
    return lane;
  }
}

/** A worker has at most so many frames unacknowledged. */
const MOST_EARLY_FRAMES = 512;
