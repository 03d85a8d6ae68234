import { createHash } from 'node:crypto';
import type { AttemptEvent } from '#contracts';
import { applyAttempts, createVirtualKey } from '#db';
import { type AdminUnderTest, startAdmin } from './admin.ts';
import { attemptEvent } from './attempt-event.ts';

export interface SpendUnderTest {
  readonly admin: AdminUnderTest;
  readonly mine: { readonly key: string; readonly token: string };
  readonly other: { readonly key: string; readonly token: string };
}

/** An admin on 2025-06-20 with five attempts of two keys in three sessions, of the first three days of that June. */
export async function startSpend(): Promise<SpendUnderTest> {
  const admin = await startAdmin({ now: () => new Date('2025-06-20T15:00:00Z') });
  const mine = await makeKey(admin, 'mine', 'ci');
  const other = await makeKey(admin, 'other', null);
  const by = {
    keyHash: mine.token,
    teamId: 'red',
    userId: 'u1',
    organizationId: 'acme',
    agent: 'coder',
    sessionId: 's1',
    tags: ['nightly', 'x'],
  };
  await applyAttempts(admin.db, [
    event('2025-06-01', { by, cost: usd('40.10'), model: 'big', modelGroup: 'planner', provider: 'one' }),
    event('2025-06-01', { by, cost: usd('0.000000000001'), model: 'small', modelGroup: 'coder', provider: 'two', route: '/v1/messages' }),
    event('2025-06-02', { by: { ...by, endUser: 'jo, "the" one' }, cost: undefined, priceSource: 'unknown', status: 'failure' }),
    event('2025-06-03', { by: { keyHash: other.token, teamId: 'blue', sessionId: 's2', agent: '=cmd()' }, cost: usd('7'), model: 'big' }),
    event('2025-06-03', { by: { keyHash: other.token, teamId: 'blue', sessionId: 's3' }, cost: usd('0.5'), model: 'big' }),
  ]);
  return { admin, mine, other };
}

const usd = (totalUsd: string) => ({ inputUsd: totalUsd, cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', totalUsd });

function event(day: string, change: Partial<AttemptEvent>): AttemptEvent {
  const at = Date.parse(`${day}T12:00:00Z`);
  return attemptEvent({ acceptedAt: at, startedAt: at, endedAt: at + 500, ...change });
}

async function makeKey(admin: AdminUnderTest, name: string, alias: string | null) {
  const key = `sk-${name}-0123456789abcdef`;
  const token = createHash('sha256').update(key).digest('hex');
  await createVirtualKey(admin.db, { hash: token, masked: `sk-...${name}`, alias, createdBy: 'test' } as never);
  return { key, token };
}
