import type { StreamSettings } from '#config';
import type { JobMeta, SentAnswer } from '#contracts';

/** How a stream is sent and what becomes of it when it fails. */
export interface StreamPolicy {
  readonly onFailure: NonNullable<JobMeta['onStreamFailure']> | 'error';
  /** What the client has of the answer from earlier attempts. */
  readonly sent: SentAnswer | undefined;
  readonly settings: StreamSettings;
}

/** How the next attempt deals with what the client has: goes on with it, or begins anew after a reset event. */
export type Recovery = { readonly kind: 'continue'; readonly sent: SentAnswer } | { readonly kind: 'restart' };
