import { GatewayError, type JobMeta, type WorkerControl } from '#contracts';
import type { UpstreamCall } from '#upstream';
import { createFrameSender, type FrameSender } from '../attempt/frame-sender.ts';
import type { RunPrompt } from '../run/run-prompt.ts';

/**
 * A job while this worker has anything to do with it: executing, or finished and not yet known to have reached the client.
 */
export interface RunningJob {
  readonly meta: JobMeta;
  readonly delivery: number;
  readonly sender: FrameSender;
  /** Of jobs whose end is stored, where what they are asked and answered is kept. */
  readonly prompt?: RunPrompt | undefined;
  /** It waits for a limit of its provider's to end: nobody has been called yet. */
  waits: boolean;
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
  return new OwnedJob(meta, delivery, ({ onRoom }) => createFrameSender({ attempt: meta.attempt, delivery, publish, onRoom }));
}

/** A job whose answer goes elsewhere than to an ingress. */
export function createStoredJob(
  meta: JobMeta,
  delivery: number,
  openSender: (on: SenderEvents) => FrameSender,
  prompt: RunPrompt | undefined,
): RunningJob {
  return new OwnedJob(meta, delivery, openSender, prompt);
}

export interface SenderEvents {
  /** Room again for what comes from the provider. */
  readonly onRoom: () => void;
  /** Somebody else goes on with the job, or has ended it. */
  readonly onOvertaken: () => void;
}

class OwnedJob implements RunningJob {
  readonly meta: JobMeta;
  readonly delivery: number;
  readonly sender: FrameSender;
  readonly prompt: RunPrompt | undefined;
  waits = false;
  cancelled: GatewayError | undefined;
  #call: UpstreamCall | undefined;
  #cancellation: PromiseWithResolvers<void> | undefined;

  constructor(meta: JobMeta, delivery: number, openSender: (on: SenderEvents) => FrameSender, prompt?: RunPrompt) {
    this.meta = meta;
    this.delivery = delivery;
    this.prompt = prompt;
    this.sender = openSender({ onRoom: () => this.#call?.resume(), onOvertaken: () => this.#cancel(overtaken()) });
  }

  /** Made when somebody asks for it: few jobs are ever retried. */
  get whenCancelled(): Promise<void> {
    this.#cancellation ??= Promise.withResolvers();
    if (this.cancelled) this.#cancellation.resolve();
    return this.#cancellation.promise;
  }

  attach(started: UpstreamCall | undefined): void {
    this.#call = started;
  }

  interrupt(reason: GatewayError): void {
    this.#call?.abort(reason);
  }

  control(message: WorkerControl): void {
    if (message.type === 'cancel') return this.#cancel(message.attempt === undefined ? this.#ended() : overtaken());
    // an ingress that has seen no frame yet, only the heartbeat, names no delivery
    if (message.attempt !== this.meta.attempt || (message.delivery !== 0 && message.delivery !== this.delivery)) return;
    if (message.type === 'ack') this.sender.acknowledge(message.seq);
    else this.sender.resendFrom(message.seq);
  }

  /** Nobody wants it any more: a client that left, or somebody who said so. */
  #ended(): GatewayError {
    return this.meta.run === undefined ? clientGone() : new GatewayError('cancelled', 'The job was cancelled.');
  }

  #cancel(reason: GatewayError): void {
    this.cancelled ??= reason;
    this.#call?.abort(this.cancelled);
    this.#cancellation?.resolve();
  }
}

function clientGone(): GatewayError {
  return new GatewayError('client_gone', 'The client closed the connection.');
}

function overtaken(): GatewayError {
  return new GatewayError('cancelled', 'Another attempt of this request has answered.');
}
