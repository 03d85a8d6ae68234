import { z } from 'zod';
import { CACHE_CONTROLS } from '#cache';
import type { KeyRecord } from '#contracts';
import { type Caller, denied, isAdmin } from '../auth/caller.ts';

/** What a key or team says of the cache, by LiteLLM's name. */
export const cacheShape = {
  allowed_cache_controls: z
    .array(z.enum(CACHE_CONTROLS))
    .max(CACHE_CONTROLS.length)
    .nullish()
    .describe('Fields of `cache` that its requests may have; none or empty: all of them'),
} as const;

export type CacheControlName = (typeof CACHE_CONTROLS)[number];

type Metadata = Readonly<Record<string, unknown>>;

/** What the ingress needs of it; nothing where it says nothing. */
export function cacheControlsOf({ allowed_cache_controls: allowed }: Metadata): Pick<KeyRecord, 'cacheControls'> {
  const listed = Array.isArray(allowed) ? allowed.filter((name) => typeof name === 'string') : [];
  return listed.length === 0 ? {} : { cacheControls: listed };
}

/** Whoever is no administrator may allow less, and not more. `after` is undefined where the metadata stays. Throws `denied`. */
export function requireCacheRights(caller: Caller, before: Metadata, after: Metadata | undefined): void {
  const { cacheControls: was } = cacheControlsOf(before);
  if (after === undefined || was === undefined || isAdmin(caller)) return;
  const { cacheControls: is } = cacheControlsOf(after);
  if (is?.every((name) => was.includes(name)) !== true) {
    throw denied('allowed_cache_controls: only an administrator allows more.', 'allowed_cache_controls');
  }
}
