import { z } from 'zod';
import { GatewayError } from '#contracts';
import { findVirtualKey, spendOfKeys, type VirtualKey } from '#db';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { toKeyHash } from './key-secret.ts';
import { keyInfoView } from './key-view.ts';

const querySchema = z.object({ key: z.string().min(1).optional() });

/** `GET /key/info?key=`: any key for the administrator, its own for a virtual key, which need not name it. */
export async function keyInfo(query: unknown, caller: Caller, { db }: AdminResources) {
  const { key: asked } = parseInput(query, { schema: querySchema, place: 'query' });
  const key = caller.kind === 'key' ? ownKey(caller.key, asked) : await anyKey(db, asked);
  const spend = await spendOfKeys(db, [key.hash]);
  return { key: asked ?? key.hash, info: keyInfoView(key, spend.get(key.hash) ?? '0') };
}

function ownKey(own: VirtualKey, asked: string | undefined): VirtualKey {
  if (asked === undefined || toKeyHash(asked) === own.hash) return own;
  throw new GatewayError('route_access_denied', 'A virtual key can see itself only.', { param: 'key' });
}

async function anyKey(db: AdminResources['db'], asked: string | undefined): Promise<VirtualKey> {
  if (asked === undefined) throw new GatewayError('invalid_request', 'key: name the key, as it is or by its hash.', { param: 'key' });
  const key = await findVirtualKey(db, toKeyHash(asked));
  if (key === undefined) throw keyNotFound();
  return key;
}

/** The table's only plain 404; a key that is asked about is not the key that is asked with (401). */
export function keyNotFound(param = 'key'): GatewayError {
  return new GatewayError('route_not_found', 'There is no such key.', { param });
}
