import type { SecretRef } from '../secret-ref.ts';

/** `headrace.batches`: files, and batches of requests in them. */
export interface BatchSettings {
  /** Requests of one batch. */
  readonly maxRequests: number;
  readonly maxFileBytes: number;
  /** Requests of one batch that are queued or running at a time. */
  readonly inFlight: number;
  /** How long the results of a batch are kept whose maker does not say. */
  readonly outputTtlMs: number;
  /** Where files are kept instead of in the database. */
  readonly s3?: S3Settings | undefined;
}

/** A bucket of S3, or of anything that speaks its protocol. */
export interface S3Settings {
  readonly bucket: string;
  readonly region: string;
  /** Of other makes; their buckets are the first part of the path. */
  readonly endpoint?: string | undefined;
  /** In front of the names of all files. */
  readonly prefix: string;
  readonly accessKeyId: SecretRef;
  readonly secretAccessKey: SecretRef;
}
