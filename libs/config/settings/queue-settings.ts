import type { Lane } from '#contracts';

/** How jobs wait for their providers: `headrace.pools`, `headrace.lanes`, `headrace.queue`. */
export interface QueueSettings {
  /** Jobs at a time and worker by provider; `auto` finds it by latency and overload. Others have the worker's `--concurrency`. */
  readonly concurrency: Readonly<Record<string, number | 'auto'>>;
  /** Shares of the capacity while all lanes have jobs waiting. */
  readonly laneWeights: Readonly<Record<Lane, number>>;
  /** The share of a pool's slots that only live jobs may take. */
  readonly liveReserve: number;
  /** A key with so many jobs waiting queues its further ones beside the others'. */
  readonly bulkAfter: number;
  /** A stream that waits for so long, and each time as long again, is sent a comment; undefined: never. */
  readonly waitingCommentMs: number | undefined;
  /** Requests whose wait would probably pass their deadline are refused at once. */
  readonly refuseHopeless: boolean;
  /** The window of `rpm` and `tpm`. */
  readonly limitWindowMs: number;
}
