import type { AttemptStatus, GatewayError, HeadMeta, TokenUsage } from '#contracts';
import type { Recovery } from './stream-recovery/stream-policy.ts';

/** How an attempt ended and what is left to tell the client. Times are Unix milliseconds. */
export interface AttemptOutcome {
  readonly status: Exclude<AttemptStatus, 'lost'>;
  readonly error: GatewayError | undefined;
  /** Content has reached the client: the attempt can't be replaced by another unseen. */
  readonly relayed: boolean;
  /** How another attempt can replace it all the same. */
  readonly recovery?: Recovery | undefined;
  /** What the provider stated. */
  readonly usage: TokenUsage | undefined;
  /** Set when the provider did work it did not account for: the text to estimate its output from. */
  readonly unstatedText: string | undefined;
  readonly finishReason: string | undefined;
  /** Status of the answer, before our headers; undefined when the head went out already or there is nothing to send. */
  readonly answerStatus: number | undefined;
  /** The last bytes for the client. */
  readonly body: Uint8Array | undefined;
  readonly startedAt: number;
  readonly firstTokenAt: number | undefined;
  readonly endedAt: number;
  readonly upstreamStatus: number | undefined;
  readonly upstreamHeaders: Readonly<Record<string, string>>;
}

/** The client's answer head for a part of the attempt that is known. */
export type HeadBuilder = (status: number, upstreamHeaders: Readonly<Record<string, string>>) => HeadMeta;
