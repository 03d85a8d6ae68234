import { GatewayError, type JobMeta, type WorkerControl } from '#contracts';
import type { UpstreamCall } from '#upstream';
import { createFrameSender, type FrameSender } from '../attempt/frame-sender.ts';

/**
 * A job while this worker has anything to do with it: executing, or finished and not yet known to have reached the client.
 */
export interface RunningJob {
  readonly meta: JobMeta;
  readonly delivery: number;
  readonly sender: FrameSender;
  /** The call under way; undefined once it has ended, so that a finished job holds on to its frames alone. */
  attach(call: UpstreamCall | undefined): void;
  /** Set by a cancel; the attempt under way, if any, is aborted at once. */
  readonly cancelled: GatewayError | undefined;
  /** Resolves when the job is cancelled: ends a wait before a retry. */
  readonly whenCancelled: Promise<void>;
  control(message: WorkerControl): void;
  /** Ends the attempt under way for a reason of ours; the job may go on with the next one. */
  interrupt(reason: GatewayError): void;
}

export function createRunningJob(meta: JobMeta, delivery: number, publish: (frame: Uint8Array) => void): RunningJob {
  let call: UpstreamCall | undefined;
  let cancelled: GatewayError | undefined;
  let announce: () => void = () => {};
  const whenCancelled = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const sender = createFrameSender({ attempt: meta.attempt, delivery, publish, onRoom: () => call?.resume() });

  const cancel = (): void => {
    cancelled ??= new GatewayError('client_gone', 'The client closed the connection.');
    call?.abort(cancelled);
    announce();
  };

  return {
    meta,
    delivery,
    sender,
    whenCancelled,
    get cancelled() {
      return cancelled;
    },
    attach(started) {
      call = started;
    },
    interrupt(reason) {
      call?.abort(reason);
    },
    control(message) {
      if (message.type === 'cancel') return cancel();
      // an ingress that has seen no frame yet, only the heartbeat, names no delivery
      if (message.attempt !== meta.attempt || (message.delivery !== 0 && message.delivery !== delivery)) return;
      if (message.type === 'ack') sender.acknowledge(message.seq);
      else sender.resendFrom(message.seq);
    },
  };
}
