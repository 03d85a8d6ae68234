import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError, isRouteAllowed, type KeyRecord, MASTER_KEY_HASH } from '#contracts';
import type { BatchesResources } from '../resources.ts';

/** Who asks. `owner` is what its files and batches are filed under; the master key sees everybody's. */
export interface Caller {
  readonly owner: string;
  readonly isMaster: boolean;
}

/** As the ingress takes them. */
const KEY_HEADERS = ['x-litellm-api-key', 'authorization', 'x-api-key', 'api-key'] as const;
const LONGEST_KEY = 512;

type AuthResources = Pick<BatchesResources, 'keys' | 'masterKeyHash' | 'now'>;

/** Throws the 401 or 403 that fits. Keys are looked up in the bucket the ingress reads, so that both know the same ones. */
export async function authenticate(headers: IncomingHttpHeaders, url: string, resources: AuthResources): Promise<Caller> {
  const key = presentedKey(headers);
  if (key === undefined) {
    throw new GatewayError('missing_key', 'Authentication Error, no API key was sent. Send it as "Authorization: Bearer sk-…".');
  }
  const keyHash = hash('sha256', key);
  const { masterKeyHash } = resources;
  if (masterKeyHash !== undefined && timingSafeEqual(Buffer.from(keyHash), Buffer.from(masterKeyHash)))
    return { owner: MASTER_KEY_HASH, isMaster: true };
  const record = requireUsable(key.length > LONGEST_KEY ? undefined : await lookUp(keyHash, resources), resources.now());
  if (!isRouteAllowed(record.allowedRoutes, url, ['llm'])) {
    throw new GatewayError('route_access_denied', `This key may not call ${url.split('?', 1)[0]}.`);
  }
  return { owner: record.hash, isMaster: false };
}

/** Whose files and batches it sees; undefined: all. */
export function visibleOwner({ owner, isMaster }: Caller): string | undefined {
  return isMaster ? undefined : owner;
}

function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const values = KEY_HEADERS.map((name) => headers[name]).filter((value) => typeof value === 'string');
  const key = values
    .find((value) => value !== '')
    ?.replace(/^bearer(\s|$)/i, '')
    .trim();
  return key === '' ? undefined : key;
}

async function lookUp(keyHash: string, { keys }: AuthResources): Promise<KeyRecord | undefined> {
  try {
    return await keys.get(keyHash);
  } catch (error) {
    throw new GatewayError('service_unavailable', 'The key could not be looked up at this moment. Try again.', {
      cause: error,
      retryAfterMs: 1_000,
    });
  }
}

function requireUsable(record: KeyRecord | undefined, now: number): KeyRecord {
  if (record === undefined || (record.secretUntil ?? Infinity) <= now) {
    throw new GatewayError('unknown_key', 'Authentication Error, Invalid proxy server token passed. The key is not known here.', {
      param: 'key',
    });
  }
  if (record.blocked) throw new GatewayError('key_blocked', `Authentication Error, key ${record.masked} is blocked.`);
  if (record.expiresAt === undefined || record.expiresAt > now) return record;
  const at = new Date(record.expiresAt).toISOString();
  throw new GatewayError('expired_key', `Authentication Error, key ${record.masked} expired at ${at}.`);
}
