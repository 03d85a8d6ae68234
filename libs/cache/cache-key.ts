import { hash } from 'node:crypto';
import type { ClientDialect } from '#contracts';
import { canonicalRequest, type CanonicalOptions } from './canonical-request.ts';

/** Who shares answers. `member` is the key's hash, the team's id, or nothing for the whole gateway. */
export interface CacheScopeName {
  readonly kind: 'key' | 'team' | 'gateway';
  readonly member: string;
  readonly namespace?: string | undefined;
}

/** A subject token that no other scope has: kind, member and namespace can't run into each other. */
export function scopeToken({ kind, member, namespace }: CacheScopeName): string {
  return hash('sha256', JSON.stringify([kind, member, namespace ?? null])).slice(0, 32);
}

export interface KeyedRequest extends Omit<CanonicalOptions, 'without'> {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The name that the client asked for: answers repeat it. */
  readonly model: string;
  /** The group it stands for, with what tells its deployments apart: another model behind the same name has other answers. */
  readonly group: string;
  /** What else changes the answer: headers for the provider, guardrails that are on. */
  readonly variant?: string | undefined;
  /** Named where an answer can't be given in its other form. */
  readonly form?: string | undefined;
}

const VERSION = 1;

/** SHA-256 (hex) of all that an answer depends on. */
export function requestHash(request: KeyedRequest): string {
  return hash('sha256', `${prefixOf(request, 'exact')}\n${canonicalRequest(request.fields, request)}`);
}

/** The same for all but some fields: requests that differ in these alone have it in common. */
export function contextHash(request: KeyedRequest, without: ReadonlySet<string>, rest: string): string {
  return hash('sha256', `${prefixOf(request, 'context')}\n${canonicalRequest(request.fields, { ...request, without })}\n${rest}`);
}

function prefixOf({ dialect, model, group, variant, form }: KeyedRequest, kind: string): string {
  return JSON.stringify([VERSION, kind, dialect satisfies ClientDialect, model, group, variant ?? null, form ?? null]);
}
