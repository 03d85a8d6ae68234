/**
 * Control messages, core NATS, JSON. All of them are safe to lose and to repeat: the heartbeat's answer repairs a lost
 * cancel, the final frame's resend repairs a lost ack.
 */

/** Ingress → worker, on `workerControlSubject`. Names the attempt so that a late message can't hit a later one. */
export type WorkerControl =
  /** All frames up to and including `seq` have left for the client: the worker may send on and forget them. */
  | { readonly type: 'ack'; readonly job: string; readonly attempt: number; readonly delivery: number; readonly seq: number }
  /** Send the frames from `seq` on again: some were lost. */
  | { readonly type: 'resend'; readonly job: string; readonly attempt: number; readonly delivery: number; readonly seq: number }
  /**
   * Nobody waits for it any more: abort the provider call, bill what was produced, settle the job. With an attempt it is that one alone, and
   * another one has answered.
   */
  | { readonly type: 'cancel'; readonly job: string; readonly attempt?: number | undefined };

/** Worker → ingress, request on `heartbeatSubject`, once a second per ingress it works for. */
export interface Heartbeat {
  readonly worker: string;
  /** Attempts of this ingress's jobs that the worker runs, or has finished and not yet been told to forget (`attemptId`). */
  readonly attempts: readonly string[];
  /** Attempts it has been handed and not started: they wait for a permit of their deployment. */
  readonly held?: readonly string[] | undefined;
}

export interface HeartbeatReply {
  /** Those of both lists the ingress does not wait for at this worker: arrived, cancelled, or run by another. */
  readonly over: readonly string[];
}

/** What `attemptId` wrote, as heartbeats name attempts. */
export function parseAttemptId(id: string): { job: string; attempt: number; delivery: number } {
  const last = id.lastIndexOf('.');
  const first = id.lastIndexOf('.', last - 1);
  return { job: id.slice(0, first), attempt: Number(id.slice(first + 1, last)), delivery: Number(id.slice(last + 1)) };
}

export const HEARTBEAT_INTERVAL_MS = 1_000;
/** A worker that has been silent for this long is taken for dead and its jobs go to the next attempt. */
export const WORKER_LOST_AFTER_MS = 3_200;
