import type { AttemptLane } from './attempt-lane.ts';
import type { PendingJobOptions } from './pending-job-options.ts';

/** What a pending job tells the workers of its attempts: what it has, and what it lacks. */
export class LaneLink {
  readonly #options: Pick<PendingJobOptions, 'meta' | 'response' | 'now' | 'control' | 'onResend'>;

  constructor(options: Pick<PendingJobOptions, 'meta' | 'response' | 'now' | 'control' | 'onResend'>) {
    this.#options = options;
  }

  acknowledge({ worker, intake, attempt, delivery }: AttemptLane): void {
    const seq = worker === undefined ? undefined : intake.acknowledged();
    if (worker === undefined || seq === undefined) return;
    this.#options.control(worker, { type: 'ack', job: this.#options.meta.id, attempt, delivery, seq });
  }

  /** Enough has come that its worker waits for the ack. Not while the client takes no more: the worker shall wait then. */
  acknowledgeWhenDue(lane: AttemptLane): void {
    if (lane.intake.ackIsDue && !this.#options.response.backedUp) this.acknowledge(lane);
  }

  askAgain({ worker, intake, attempt, delivery }: AttemptLane): void {
    const seq = worker === undefined ? undefined : intake.missingFrom(this.#options.now());
    if (worker === undefined || seq === undefined) return;
    this.#options.onResend();
    this.#options.control(worker, { type: 'resend', job: this.#options.meta.id, attempt, delivery, seq });
  }

  /** This side's link was away: frames and acks got lost, and a worker with a full window waits for both. */
  catchUp(lane: AttemptLane): void {
    lane.intake.ackMayBeLost();
    if (!this.#options.response.backedUp) this.acknowledge(lane);
    this.askAgain(lane);
  }
}
