import type { AttemptFailure, GatewayError, JobMeta, WorkerControl } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { AttemptLane } from './attempt-lane.ts';
import type { PendingJob } from './pending-job.ts';

/** Of the attempt that a job goes on with. */
export interface NextAttempt {
  readonly attempt: number;
  readonly cursor: number;
  readonly streamSeq: number | undefined;
  readonly reason?: string | undefined;
  readonly failures?: readonly AttemptFailure[] | undefined;
}

export interface PendingJobOptions {
  readonly meta: JobMeta;
  readonly response: ClientResponse;
  readonly mayBeHedged?: boolean | undefined;
  readonly now: () => number;
  readonly control: (worker: string, message: WorkerControl) => void;
  readonly onStarted: (job: PendingJob) => void;
  readonly onHedgeStarted: (worker: string) => void;
  /** Of two attempts the other has answered: this one is not waited for any more. */
  readonly onSuperseded: (job: PendingJob, lane: AttemptLane) => void;
  /** Called once, when the client has its answer or its error. */
  readonly onOver: (job: PendingJob, error: GatewayError | undefined) => void;
  readonly onResend: () => void;
}
