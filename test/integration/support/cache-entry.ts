import { randomUUID } from 'node:crypto';
import type { CacheEntry } from '#cache';

/** An answer that is kept for a minute. */
export function cacheEntry(more: Partial<CacheEntry['facts']> = {}): CacheEntry {
  const now = Date.now();
  return {
    facts: {
      v: 1,
      hash: randomUUID(),
      dialect: 'openai-chat',
      isStream: false,
      hasUsage: true,
      contentType: 'application/json',
      storedAt: now,
      expiresAt: now + 60_000,
      job: 'job_1',
      owner: 'o',
      deploymentId: 'd',
      provider: 'p',
      modelGroup: 'g',
      ...more,
    },
    body: Buffer.from('{"a":1}'),
  };
}
