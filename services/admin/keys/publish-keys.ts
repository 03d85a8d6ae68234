import { type Database, publishVirtualKey, unpublishAllKeys, unpublishedKeys } from '#db';
import { createOutboxPublisher, type OutboxPublisher } from '../publishing/outbox-publisher.ts';
import type { AdminLog, KeysSink } from '../resources.ts';
import { sendKey } from './key-record.ts';

/** Brings keys to the bucket that admission reads, by their hashes. */
export type KeyPublisher = OutboxPublisher<string>;

export interface KeyPublisherOptions {
  readonly db: Database;
  readonly sink: KeysSink;
  readonly log: AdminLog;
}

export function createKeyPublisher({ db, sink, log }: KeyPublisherOptions): KeyPublisher {
  return createOutboxPublisher<string>({
    what: 'keys',
    publish: (hash) => publishVirtualKey(db, hash, (key) => sendKey(hash, key, sink)),
    unpublished: ({ limit, after = '' }) => unpublishedKeys(db, { limit, after }),
    unpublishAll: () => unpublishAllKeys(db),
    countSent: () => sink.count(),
    logName: (hash) => hash.slice(0, 12),
    log,
  });
}
