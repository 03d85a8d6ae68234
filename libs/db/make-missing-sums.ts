import type { ClientBase } from 'pg';
import { ADD_TO_SUMS, changedRows } from './sums-statement.ts';

const MISSING = 'select exists (select from attempts) and not exists (select from daily_spend) as missing';

/**
 * Makes the sums of a ledger that has rows and no sums, as one from before there were any. Resolves with whether it did.
 * Writers of the ledger wait meanwhile, some 20 s for a million rows.
 */
export async function makeMissingSums(client: ClientBase): Promise<boolean> {
  if (!(await areMissing(client))) return false;
  await client.query('begin');
  try {
    await client.query('lock table attempts in share row exclusive mode');
    // somebody may have written the first ones before we had the lock
    const missing = await areMissing(client);
    if (missing) await client.query(`with changed as (${changedRows('attempts', { takeBack: false })}), ${ADD_TO_SUMS} select`);
    await client.query('commit');
    return missing;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function areMissing(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ missing: boolean }>(MISSING);
  return rows[0]?.missing === true;
}
