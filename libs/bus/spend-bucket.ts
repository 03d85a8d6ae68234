import { SPEND_BUCKET } from '#contracts';
import { type CasBucket, openCasBucket } from './cas-bucket.ts';
import type { Bus } from './connect.ts';

/** What has been spent, one entry for each scope (`scopeEntry`) and one for how far that goes. Written by the leader of admission. */
export type SpendBucket = Pick<CasBucket, 'readAll' | 'write'>;

export async function openSpendBucket(bus: Bus): Promise<SpendBucket> {
  const { readAll, write } = await openCasBucket(bus, SPEND_BUCKET);
  return { readAll, write };
}
