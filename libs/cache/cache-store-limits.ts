/** A request may ask for a longer time than the usual one, up to a week. */
const LONGEST_MS = 7 * 86_400_000;

/** Of the store that holds entries: whoever opens it first makes it. Milliseconds and bytes. */
export function cacheStoreLimits({ ttlMs, maxBytes }: { readonly ttlMs: number; readonly maxBytes: number }) {
  return { ttlMs: Math.max(LONGEST_MS, ttlMs), maxBytes };
}
