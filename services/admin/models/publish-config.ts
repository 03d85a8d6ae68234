import type { ConfigBucket } from '#bus';
import { configEntry, type ConfigRecord, STORED_SECTIONS } from '#contracts';
import { type Database, nameOfStored, publishStored, type StoredName, type StoredState, unpublishedStored, unpublishStored } from '#db';
import { createOutboxPublisher, type OutboxPublisher } from '../publishing/outbox-publisher.ts';
import type { AdminLog } from '../resources.ts';

/** Brings stored models, credentials and settings to the bucket that all services follow. */
export type ConfigPublisher = OutboxPublisher<StoredName>;

export interface ConfigPublisherOptions {
  readonly db: Database;
  readonly bucket: Pick<ConfigBucket, 'put' | 'delete' | 'count'>;
  readonly log: AdminLog;
}

export function createConfigPublisher({ db, bucket, log }: ConfigPublisherOptions): ConfigPublisher {
  const send = async (state: StoredState): Promise<void> => {
    const record = toRecord(state);
    if (record !== undefined) return bucket.put(record);
    if (state.kind !== 'settings') await bucket.delete(configEntry(state));
  };
  return createOutboxPublisher<StoredName>({
    what: 'models, credentials and settings',
    publish: (name) => publishStored(db, name, send),
    // there are few: all of them are one page
    unpublished: async ({ after }) => (after === undefined ? unpublishedStored(db) : []),
    unpublishAll: () => unpublishStored(db),
    countSent: () => bucket.count(),
    logName: nameOfStored,
    log,
  });
}

function toRecord(state: StoredState): ConfigRecord | undefined {
  if (state.kind === 'settings') {
    const section = STORED_SECTIONS.find((name) => name === state.section);
    const values = state.settings?.values;
    return section === undefined || values === undefined ? undefined : { v: 1, kind: 'settings', section, values };
  }
  if (state.kind === 'credential') {
    const { name, credential } = state;
    return credential === undefined ? undefined : { v: 1, kind: 'credential', name, values: credential.values };
  }
  if (state.model === undefined) return undefined;
  const { id, modelName, litellmParams, modelInfo, blocked, teamId } = state.model;
  return { v: 1, kind: 'model', id, modelName, litellmParams, modelInfo, blocked, teamId: teamId ?? undefined };
}
