import { DiscardPolicy, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { RESPONSES_STREAM, RESPONSES_SUBJECTS, responseSubject } from '#contracts';
import type { Bus } from './connect.ts';
import { createDocumentStore, type DocumentStore } from './document-store.ts';
import { ensureStream } from './topology.ts';

/** Stored responses: a stream of their own. Unlike a bucket it never refuses: at its size limit the oldest go first. */
export type ResponseStore = DocumentStore;

export interface ResponseStoreOptions {
  /** How long a document is kept, in milliseconds. */
  readonly ttlMs: number;
  /** Of all documents together. */
  readonly maxBytes: number;
}

const DEDUPE_NS = 2 * 60 * 1e9;

/** Creates the stream, or gives it other limits. Safe to run from every process at once. */
export async function openResponseStore(bus: Bus, options: ResponseStoreOptions): Promise<ResponseStore> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const stream = {
    name: RESPONSES_STREAM,
    subjects: [RESPONSES_SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: options.ttlMs * 1e6,
    max_bytes: options.maxBytes,
    duplicate_window: DEDUPE_NS,
  };
  await ensureStream(manager, stream, bus.nc.info?.cluster ? 3 : 1);
  return createDocumentStore(bus, manager, { stream: RESPONSES_STREAM, subjectOf: responseSubject });
}
