import type { Attribution, Candidate } from './job.ts';

/** What spend is counted for and limits may be set on. */
export const SCOPE_KINDS = [
  'gateway',
  'organization',
  'team',
  'member',
  'user',
  'customer',
  'tag',
  'key',
  'provider',
  'deployment',
] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** One of them. `id` is the name people know it by; a team's member is `<team>/<user>`, the gateway's is empty. */
export interface Scope {
  readonly kind: ScopeKind;
  readonly id: string;
}

/** One string for a scope: the key of maps and of its entry in the bucket `scopes` (see `scopeEntry`). */
export function scopeName({ kind, id }: Scope): string {
  return `${kind}:${id}`;
}

/** A scope with its name, for those who look up several things of it. */
export interface NamedScope extends Scope {
  readonly name: string;
}

export function namedScope(kind: ScopeKind, id: string): NamedScope {
  return { kind, id, name: `${kind}:${id}` };
}

export function memberId(teamId: string, userId: string): string {
  return `${teamId}/${userId}`;
}

const GATEWAY = namedScope('gateway', '');

/** The scopes that a caller's requests count for, whoever runs them. `member` only where the key has both a team and a user. */
export function callerScopes(by: Attribution): NamedScope[] {
  const scopes = [GATEWAY];
  const add = (kind: ScopeKind, id: string | undefined): void => {
    if (id !== undefined) scopes.push(namedScope(kind, id));
  };
  add('organization', by.organizationId);
  add('team', by.teamId);
  if (by.teamId !== undefined && by.userId !== undefined) add('member', memberId(by.teamId, by.userId));
  add('user', by.userId);
  add('customer', by.endUser);
  for (const tag of by.tags ?? []) add('tag', tag);
  add('key', by.keyHash);
  return scopes;
}

/** The scopes of whoever runs an attempt. */
export function candidateScopes({ provider, deploymentId }: Pick<Candidate, 'provider' | 'deploymentId'>): NamedScope[] {
  return [namedScope('provider', provider), namedScope('deployment', deploymentId)];
}

/** A scope's key in the bucket `scopes`: ids are free text, keys of buckets are not. */
export function scopeEntry({ kind, id }: Scope): string {
  return `${kind}.${Buffer.from(id).toString('base64url') || '_'}`;
}

/** The other way round; undefined for what is no such key. */
export function scopeFromEntry(entry: string): Scope | undefined {
  const [word, encoded] = entry.split('.');
  const kind = SCOPE_KINDS.find((known) => known === word);
  if (kind === undefined || encoded === undefined) return undefined;
  return { kind, id: encoded === '_' ? '' : Buffer.from(encoded, 'base64url').toString() };
}

/** In the configuration's limits: those of every virtual key that has none of its own of the kind. */
export const EVERY_KEY: Scope = { kind: 'key', id: '' };

/** The name of calls with the master key, in the ledger and among the keys that have limits: a hash of it would be a hash of a secret that people choose by hand. */
export const MASTER_KEY_HASH = 'master';

/** Its record in the bucket `scopes` has the limits of every end user that has none of its own. */
export const EVERY_CUSTOMER: Scope = { kind: 'customer', id: '' };
