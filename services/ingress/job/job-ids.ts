import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const ID_BYTES = 16;
const IDS_AT_ONCE = 256;

/**
 * Job ids: `job_` and a UUID of version 7 without its dashes, so that they sort by time. Randomness is drawn for 256 ids at
 * once: one draw each was 3 % of a busy ingress.
 */
export function createJobIds(): () => string {
  const pool = new Uint8Array(ID_BYTES * IDS_AT_ONCE);
  let used = pool.length;
  const random = (): Uint8Array => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += ID_BYTES;
    return pool.subarray(used - ID_BYTES, used);
  };
  return () => `job_${uuidv7({ rng: random }).replaceAll('-', '')}`;
}
