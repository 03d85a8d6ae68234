import { addAuditEntries, type Database, type NewAuditEntry } from '#db';
import { type Caller, callerName } from '../auth/caller.ts';

/** What the audit log tells apart. */
export const AUDITED_TABLES = [
  'keys',
  'teams',
  'members',
  'users',
  'organizations',
  'customers',
  'budgets',
  'tags',
  'models',
  'credentials',
  'settings',
  'holds',
  'dead_letters',
  'webhooks',
] as const;
export type AuditedTable = (typeof AUDITED_TABLES)[number];

export type AuditAction = 'created' | 'updated' | 'deleted' | 'blocked' | 'unblocked' | 'rotated' | 'spend_reset' | 'redriven' | 'shown';

export interface Change {
  readonly action: AuditAction;
  readonly table: AuditedTable;
  readonly objectId: string;
  /** Rows or what is shown of them. Only the fields that differ are kept, and of those none that may hold a secret. */
  readonly before?: Readonly<Record<string, unknown>> | undefined;
  readonly after?: Readonly<Record<string, unknown>> | undefined;
}

/** Nobody's work but the gateway's own: a key that is rotated by its interval. */
export const BY_ITSELF = 'headrace';

/**
 * Writes changes to the audit log. To be called inside of `transact(resources.db, async (tx) => …)` together with the change, so that neither
 * is there without the other:
 *
 *     const team = await transact(db, async (tx) => {
 *       const made = await createTeam(tx, row);
 *       await recordChange(tx, caller, { action: 'created', table: 'teams', objectId: made.id, after: made });
 *       return made;
 *     });
 */
export async function recordChange(inside: Database, by: Caller | typeof BY_ITSELF, ...changes: readonly Change[]): Promise<void> {
  await addAuditEntries(
    inside,
    changes.map((change) => toEntry(by, change)),
  );
}

function toEntry(by: Caller | typeof BY_ITSELF, { action, table, objectId, before, after }: Change): NewAuditEntry {
  const isCaller = by !== BY_ITSELF;
  return {
    changedBy: isCaller ? callerName(by) : BY_ITSELF,
    changedByKey: isCaller && by.kind === 'key' ? by.key.hash : null,
    action,
    tableName: table,
    objectId,
    before: differing(before, after),
    after: differing(after, before),
  };
}

/** What every change touches, and says nothing. */
const BOOKKEEPING = new Set(['revision', 'publishedRevision', 'updatedAt', 'updatedBy']);

function differing(
  fields: Readonly<Record<string, unknown>> | undefined,
  other: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> | null {
  if (fields === undefined) return null;
  const kept = Object.entries(fields).filter(([name, value]) => {
    if (BOOKKEEPING.has(name)) return false;
    return other === undefined ? value !== null && value !== undefined : !sameJson(value, other[name]);
  });
  return Object.fromEntries(kept.map(([name, value]) => [name, isSecret(name) ? '[redacted]' : withoutSecrets(value)]));
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const SECRET_NAME = /secret|password|credential|api_?key|access_?key|private_?key|token$|authorization/i;

function isSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, isSecret(name) ? '[redacted]' : withoutSecrets(inner)]));
}
