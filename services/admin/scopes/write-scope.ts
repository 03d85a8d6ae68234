import { GatewayError, type Scope, type ScopeKind } from '#contracts';
import {
  createScope,
  type Database,
  findScope,
  holdScope,
  lockScopes,
  type NewScope,
  type ScopeChange,
  type StoredScope,
  updateScope,
} from '#db';
import { type AuditAction, type AuditedTable, recordChange } from '../audit/record-change.ts';
import { type Caller, callerName } from '../auth/caller.ts';
import type { AdminResources } from '../resources.ts';
import { limitsOf } from './scope-limits.ts';

/** Who changes something, and the transaction that it happens in. */
export interface Writing {
  readonly inside: Database;
  readonly caller: Caller;
  readonly resources: Pick<AdminResources, 'now' | 'stored'>;
}

/** What a kind is called: in the audit log, in messages, and the field that names one. */
const KINDS: Readonly<Partial<Record<ScopeKind, { readonly table: AuditedTable; readonly word: string; readonly field: string }>>> = {
  team: { table: 'teams', word: 'team', field: 'team_id' },
  member: { table: 'members', word: 'member of the team', field: 'user_id' },
  user: { table: 'users', word: 'user', field: 'user_id' },
  organization: { table: 'organizations', word: 'organization', field: 'organization_id' },
  customer: { table: 'customers', word: 'end user', field: 'user_id' },
  tag: { table: 'tags', word: 'tag', field: 'name' },
};

const OTHER = { table: 'settings', word: 'entry', field: 'id' } as const;

export function tableOf(kind: ScopeKind): AuditedTable {
  return (KINDS[kind] ?? OTHER).table;
}

/** Makes one, with the limits that follow from its fields. Throws `conflict` for an id or address that is taken, and what `limitsOf` does. */
export async function addScope({ inside, caller, resources }: Writing, scope: NewScope): Promise<StoredScope> {
  const { fields = {}, budgetId = null, teamId = null } = scope;
  const limits = await limitsOf(inside, { kind: scope.kind, fields, budgetId, teamId, limits: null }, resources);
  const result = await createScope(inside, { ...scope, limits }, { by: callerName(caller) });
  const { word, field, table } = KINDS[scope.kind] ?? OTHER;
  if (result.kind === 'id-taken') throw new GatewayError('conflict', `There is a ${word} ${scope.id} already.`, { param: field });
  if (result.kind === 'email-taken') throw emailTaken(scope.email);
  await recordChange(inside, caller, { action: 'created', table, objectId: scope.id, after: auditView(result.scope) });
  return result.scope;
}

export interface Alteration extends ScopeChange {
  /** What the audit log calls it; `updated` unless given. */
  readonly action?: AuditAction | undefined;
}

/** Changes one that was read in this transaction. What it does not name stays. */
export async function alterScope(
  { inside, caller, resources }: Writing,
  before: StoredScope,
  alteration: Alteration,
): Promise<StoredScope> {
  const { action = 'updated', ...change } = alteration;
  const { fields = before.fields, budgetId = before.budgetId } = change;
  const limits = await limitsOf(inside, { ...before, fields, budgetId }, resources);
  const after = await updateScope(inside, before, { ...withoutUndefined(change), limits }, { by: callerName(caller) });
  if (after === 'email-taken') throw emailTaken(change.email);
  if (after === undefined) throw scopeNotFound(before);
  const views = { before: auditView(before), after: auditView(after) };
  await recordChange(inside, caller, { action, table: tableOf(before.kind), objectId: before.id, ...views });
  return after;
}

function withoutUndefined(change: ScopeChange): ScopeChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function emailTaken(email: string | null | undefined): GatewayError {
  return new GatewayError('conflict', `There is a user with the address ${email} already.`, { param: 'user_email' });
}

/** Throws 404 that names `param`. */
export async function requireScope(db: Database, scope: Scope, param?: string): Promise<StoredScope> {
  const found = await findScope(db, scope);
  if (found === undefined) throw scopeNotFound(scope, param);
  return found;
}

/** The same, and it is there until the transaction ends: a key that is made for a team can't miss the team's deletion. */
export async function requireHeld(inside: Database, scope: Scope, param?: string): Promise<StoredScope> {
  const found = await holdScope(inside, scope);
  if (found === undefined) throw scopeNotFound(scope, param);
  return found;
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockScope(inside: Database, scope: Scope, param?: string): Promise<StoredScope> {
  const [found] = await lockScopes(inside, { kind: scope.kind, ids: [scope.id] });
  if (found === undefined) throw scopeNotFound(scope, param);
  return found;
}

/** All of them, or 404 for the first that is not there. */
export async function lockAll(inside: Database, kind: ScopeKind, ids: readonly string[], list: string): Promise<StoredScope[]> {
  const found = await lockScopes(inside, { kind, ids });
  const missing = ids.findIndex((id) => !found.some((one) => one.id === id));
  if (missing >= 0) throw scopeNotFound({ kind, id: ids[missing] ?? '' }, `${list}[${missing}]`);
  return found;
}

export function scopeNotFound({ kind, id }: Scope, param?: string): GatewayError {
  const { word, field } = KINDS[kind] ?? OTHER;
  return new GatewayError('route_not_found', `There is no ${word} ${id}.`, { param: param ?? field });
}

/** The part of a row that people have set. */
export function auditView(row: StoredScope): Record<string, unknown> {
  const { kind: _kind, id: _id, revision: _revision, publishedRevision: _published, ...rest } = row;
  return rest;
}
