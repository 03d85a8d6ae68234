import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayConfig } from '#config';
import { GatewayError, type KeyRecord } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { presentedKey } from './presented-key.ts';

export type Principal = { readonly kind: 'master' } | { readonly kind: 'key'; readonly record: KeyRecord };

/** Longer keys are refused unread. */
const LONGEST_KEY = 512;

export interface AuthResources extends Pick<IngressResources, 'keys' | 'masterKeyHash' | 'now'> {
  readonly config?: Pick<GatewayConfig, 'access'> | undefined;
}

/** Who is calling. Synchronous for the master key and every key seen lately. Throws the 401 that fits. */
export function authenticate(headers: IncomingHttpHeaders, resources: AuthResources, queryKey?: unknown): Principal | Promise<Principal> {
  const key = presentedKey(headers, queryKey, resources.config?.access?.keyHeader);
  if (!key) {
    throw new GatewayError('missing_key', 'Authentication Error, no API key was sent. Send it as "Authorization: Bearer sk-…".');
  }
  if (key.length > LONGEST_KEY) throw unknownKey();
  const keyHash = hash('sha256', key);
  if (resources.masterKeyHash !== undefined && sameHash(keyHash, resources.masterKeyHash)) return MASTER;
  const found = resources.keys.find(keyHash);
  return found instanceof Promise ? found.then((record) => admitted(record, resources.now())) : admitted(found, resources.now());
}

const MASTER: Principal = { kind: 'master' };

function admitted(record: KeyRecord | undefined, now: number): Principal {
  if (!record || (record.secretUntil !== undefined && record.secretUntil <= now)) throw unknownKey();
  return principalOfRecord(record, now);
}

/** A key that is known by its name, whatever its secrets are by now. Throws 401 when there is none of it, or it is blocked or over. */
export function principalOfRecord(record: KeyRecord | undefined, now: number): Principal {
  if (!record) throw unknownKey();
  if (record.blocked) throw new GatewayError('key_blocked', `Authentication Error, key ${record.masked} is blocked.`);
  if (record.expiresAt !== undefined && record.expiresAt <= now) {
    throw new GatewayError(
      'expired_key',
      `Authentication Error, key ${record.masked} expired at ${new Date(record.expiresAt).toISOString()}.`,
    );
  }
  return { kind: 'key', record };
}

function unknownKey(): GatewayError {
  return new GatewayError('unknown_key', 'Authentication Error, Invalid proxy server token passed. The key is not known here.', {
    param: 'key',
  });
}

/** Both are hashes of one length, so the time tells nothing of where they differ. */
function sameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
