/** `headrace.responses`: answers of `/v1/responses` that are kept to be continued by their id. */
export interface ResponsesSettings {
  readonly ttlMs: number;
  /** Of all of them together; the oldest go first. */
  readonly maxBytes: number;
}

/** `headrace.idempotency`: answers to requests with an `Idempotency-Key`, which are given again. */
export interface IdempotencySettings {
  readonly ttlMs: number;
  /** A larger answer is given, and not kept. */
  readonly maxAnswerBytes: number;
  /** Of all of them together; the oldest go first. */
  readonly maxBytes: number;
  /** A job whose client left ends, although a retry could pick up its answer. */
  readonly cancelOnDisconnect: boolean;
}

/** `headrace.jobs`: what became of jobs that nobody waits for on a connection. */
export interface JobsSettings {
  /** How long an answer can be fetched. */
  readonly ttlMs: number;
  /** Of all of them together; no more jobs are accepted when nine tenths are used. */
  readonly maxBytes: number;
  /** Every model request can be picked up by its id after its client has vanished, as with `x-headrace-resumable: true`. */
  readonly resumable: boolean;
}
