import type { Bus, KeysBucket, RunStore } from '#bus';
import type { AccessSettings } from '#config';
import type { Database } from '#db';
import type { FileStore } from './files/file-store.ts';

export interface BatchesLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `headrace.batches`. */
export interface BatchLimits {
  /** Requests of one batch. */
  readonly maxRequests: number;
  /** Of a batch's input, and of any other file. */
  readonly maxFileBytes: number;
  /** Requests of one batch that are queued or running at a time. */
  readonly inFlight: number;
  /** Output files that nobody gave another time are deleted then. */
  readonly outputTtlMs: number;
}

/** What the service is made of; built once in `main.ts`. */
export interface BatchesResources {
  readonly db: Database;
  readonly bus: Bus;
  readonly runs: Pick<RunStore, 'cancelGroup' | 'list'>;
  readonly keys: Pick<KeysBucket, 'get'>;
  readonly store: FileStore;
  readonly masterKeyHash: string | undefined;
  readonly limits: BatchLimits;
  /** What the configuration says of headers and tags of clients. */
  readonly access?: AccessSettings | undefined;
  /** This process among its replicas. */
  readonly instance: string;
  readonly log: BatchesLog;
  readonly now: () => number;
  /** `file-…`, `batch_…`, `msgbatch_…`: time-ordered, letters and digits. */
  readonly newId: (prefix: string) => string;
  /** There is a new batch, or one to cancel. */
  readonly wake: () => void;
}
