import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { applyAttempts } from '#db';
import { type AdminUnderTest, startAdmin } from './admin.ts';
import { attemptEvent } from './attempt-event.ts';

/** What one call of `attemptEvent` costs. */
export const CALL_USD = 0.00001275;

/**
 * The admin app for all tests of a file, which each begin with empty tables. Its clock is the real one unless `now` says when each test
 * begins; `at` sets it.
 */
export function useAdmin({ now }: { now?: string } = {}) {
  const start = now === undefined ? () => new Date() : () => new Date(now);
  const clock = { now: start };
  const admin = {} as AdminUnderTest;

  beforeAll(async () => {
    Object.assign(admin, await startAdmin(clock));
  }, 30_000);
  afterAll(() => admin.remove?.());
  beforeEach(async () => {
    clock.now = start;
    await admin.db.pool.query('truncate attempts, daily_spend, virtual_keys, scopes, budgets, organization_members, audit_log');
  });

  const post = (path: string, body: object, as?: string) => admin.call(path, { body, as });
  return {
    admin,
    clock,
    post,
    /** The answer of a call that must not be refused. */
    async ok(path: string, body: object, as?: string) {
      const answer = await post(path, body, as);
      expect(answer.json?.error).toBeUndefined();
      return answer.json;
    },
    generate: async (body: object = {}) => (await post('/key/generate', body)).json,
    at(text: string) {
      clock.now = () => new Date(text);
      return new Date(text).getTime();
    },
    /** Books one call that costs `CALL_USD`. */
    spend: (keyHash: string, acceptedAt: number) => applyAttempts(admin.db, [attemptEvent({ by: { keyHash }, acceptedAt })]),
  };
}
