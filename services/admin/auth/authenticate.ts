import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '#contracts';
import { type Database, findKeyBySecret, type KeyBySecret, type VirtualKey } from '#db';
import { sha256Hex } from '../keys/key-secret.ts';
import type { Caller } from './caller.ts';
import { MASTER_STANDING, standingOf } from './standing.ts';

export interface AuthenticateOptions {
  readonly db: Database;
  readonly masterKey: string | undefined;
  readonly now: () => Date;
}

/** Headers a key may come in, in LiteLLM's order; each with or without `Bearer `. */
const KEY_HEADERS = ['x-litellm-api-key', 'authorization', 'x-api-key'] as const;

/**
 * Who sent this request. Throws `missing_key`, `unknown_key`, `expired_key` or `key_blocked`. The key is looked up by its
 * hash, and the master key compared by hash in constant time, so that timing tells nothing about either.
 */
export async function authenticate(headers: IncomingHttpHeaders, options: AuthenticateOptions): Promise<Caller> {
  const secret = readKey(headers);
  if (secret === undefined) {
    throw new GatewayError('missing_key', 'No API key was sent: give one as `Authorization: Bearer sk-…` or in `x-api-key`.');
  }
  const hash = sha256Hex(secret);
  if (options.masterKey !== undefined && sameHash(hash, sha256Hex(options.masterKey))) {
    return { kind: 'master', ...MASTER_STANDING, userId: undefined, changedBy: changedBy(headers) };
  }
  const key = requireUsable(await findKeyBySecret(options.db, hash), options.now());
  return { kind: 'key', key, ...(await standingOf(key, options.db)), userId: key.userId ?? undefined };
}

function requireUsable(found: KeyBySecret | undefined, now: Date): VirtualKey {
  // the secret that a key had before it was rotated works for a while, or not at all
  const isOver = found?.secretUntil !== undefined && found.secretUntil <= now;
  if (found === undefined || isOver || found.key.deletedAt !== null)
    throw new GatewayError('unknown_key', 'This API key is not known here.');
  const { key } = found;
  if (key.blocked) throw new GatewayError('key_blocked', `The API key ${key.masked} is blocked.`);
  if (key.expiresAt !== null && key.expiresAt <= now) {
    throw new GatewayError('expired_key', `The API key ${key.masked} expired at ${key.expiresAt.toISOString()}.`);
  }
  return key;
}

const MAX_NAME_CHARS = 256;

function changedBy(headers: IncomingHttpHeaders): string | undefined {
  const name = headers['litellm-changed-by'];
  return typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, MAX_NAME_CHARS) : undefined;
}

function readKey(headers: IncomingHttpHeaders): string | undefined {
  for (const name of KEY_HEADERS) {
    const value = headers[name];
    const key = typeof value === 'string' ? value.replace(/^bearer\s+/i, '').trim() : '';
    if (key !== '') return key;
  }
  return undefined;
}

function sameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
