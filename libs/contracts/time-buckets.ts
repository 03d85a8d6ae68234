/**
 * How long answers took, as counts of buckets: small enough to be told with every status, and those of several workers add up. Bucket 0 is up to
 * 20 ms, each further one reaches 1.3 times as far, the last (beyond a minute) has no end. A percentile is known to within a bucket.
 */
const FIRST_BUCKET_MS = 20;
const GROWTH = 1.3;
const BUCKETS = 32;
/** Above so many answers all counts are halved: what was long ago counts less and less. */
const HALVE_AT = 200;
/** With fewer answers a percentile is chance. */
const LEAST_ANSWERS = 20;

/** By bucket; what is missing at the end is 0. */
export type TimeBuckets = readonly number[];

export function bucketOf(ms: number): number {
  if (ms <= FIRST_BUCKET_MS) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / FIRST_BUCKET_MS) / Math.log(GROWTH) - 1e-9));
}

/** The buckets with one answer more. */
export function withAnswer(buckets: TimeBuckets, ms: number): TimeBuckets {
  const counts = addBuckets(
    buckets,
    Array.from({ length: bucketOf(ms) + 1 }, (_, at) => (at === bucketOf(ms) ? 1 : 0)),
  );
  return sum(counts) > HALVE_AT ? counts.map((count) => Math.round(count / 2)) : counts;
}

export function addBuckets(a: TimeBuckets, b: TimeBuckets): TimeBuckets {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] ?? 0) + (b[at] ?? 0));
}

/** Milliseconds within which that share of the answers came; undefined with fewer than 20 answers, and where it is beyond all buckets. */
export function percentileMs(buckets: TimeBuckets, share: number): number | undefined {
  const total = sum(buckets);
  if (total < LEAST_ANSWERS) return undefined;
  let seen = 0;
  for (const [at, count] of buckets.entries()) {
    seen += count;
    if (seen >= share * total) return at === BUCKETS - 1 ? undefined : Math.round(FIRST_BUCKET_MS * GROWTH ** at);
  }
  return undefined;
}

/** From another process. */
export function isTimeBuckets(value: unknown): value is TimeBuckets {
  return Array.isArray(value) && value.length <= BUCKETS && value.every((count) => Number.isFinite(count) && count >= 0);
}

function sum(buckets: TimeBuckets): number {
  return buckets.reduce((total, count) => total + count, 0);
}
