import { expect, test } from 'vitest';
import type { Database, NewAuditEntry } from '#db';
import { MASTER_STANDING } from '../auth/standing.ts';
import { recordChange } from './record-change.ts';

const master = { kind: 'master', ...MASTER_STANDING, userId: undefined } as const;

async function recorded(change: { before?: Record<string, unknown>; after?: Record<string, unknown> }) {
  const rows: NewAuditEntry[] = [];
  const values = (added: NewAuditEntry[]) => Promise.resolve(void rows.push(...added));
  // what it writes is all that is looked at
  const inside = { orm: { insert: () => ({ values }) } } as unknown as Database;
  await recordChange(inside, master, { action: 'updated', table: 'keys', objectId: 'x', ...change });
  return rows[0];
}

test('of a change the fields that differ are kept, and no bookkeeping', async () => {
  const before = { alias: 'a', models: ['m'], revision: 1, updatedAt: new Date(0) };
  const after = { alias: 'b', models: ['m'], revision: 2, updatedAt: new Date(1) };
  expect(await recorded({ before, after })).toMatchObject({
    changedBy: 'master-key',
    changedByKey: null,
    before: { alias: 'a' },
    after: { alias: 'b' },
  });
});

test('of something new what is set is kept', async () => {
  expect(await recorded({ after: { alias: 'b', teamId: null } })).toMatchObject({ before: null, after: { alias: 'b' } });
});

test.each(['api_key', 'apiKey', 'aws_secret_access_key', 'password', 'vertex_credentials', 'authorization', 'slack_token'])(
  'what is called %s is never kept',
  async (name) => {
    const entry = await recorded({ after: { [name]: 'sk-hidden', metadata: { list: [{ [name]: 'sk-hidden' }] } } });
    expect(JSON.stringify(entry)).not.toContain('sk-hidden');
    expect(entry?.after).toMatchObject({ [name]: '[redacted]' });
  },
);
