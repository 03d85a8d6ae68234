import type { StreamFailurePolicy } from '#contracts';

/** `headrace.streams` and `headrace.timeouts`. */
export interface StreamSettings {
  /** Where neither the model group nor the key nor the request says otherwise. */
  readonly onFailure: StreamFailurePolicy;
  /** The longest that status and headers are kept back for an attempt to fail unseen. */
  readonly holdBackMs: number;
  /** Between two comments while an answer is buffered. */
  readonly keepAliveMs: number;
  /** The largest answer that is buffered. */
  readonly bufferBytes: number;
  readonly timeouts: StreamTimeouts;
}

/** Milliseconds; unset: no limit but the request's deadline and `stream_timeout`. */
export interface StreamTimeouts {
  /** From sending the request to the first content. */
  readonly firstTokenMs?: number | undefined;
  /** Between two events with content, or from the last of them to the end. */
  readonly interChunkMs?: number | undefined;
  /** For the whole attempt. */
  readonly totalMs?: number | undefined;
}
