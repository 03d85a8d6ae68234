import { decodeKeyRecord, type KeyRecord, KEYS_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';
import { openRecordBucket, type RecordBucket } from './record-bucket.ts';

/** Virtual keys as the ingress reads them, by SHA-256. Written by admin only. */
export interface KeysBucket extends Pick<RecordBucket<KeyRecord>, 'get' | 'delete' | 'watch' | 'count'> {
  /** `entry`: the hash of another secret of the same key. */
  put(record: KeyRecord, entry?: string): Promise<void>;
}

export async function openKeysBucket(bus: Bus): Promise<KeysBucket> {
  const bucket = await openRecordBucket(bus, KEYS_BUCKET, decodeKeyRecord);
  return { ...bucket, put: (record, entry = record.hash) => bucket.put(entry, record) };
}
