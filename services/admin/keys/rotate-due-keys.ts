import { keysToRotate, transact, type VirtualKey } from '#db';
import { BY_ITSELF } from '../audit/record-change.ts';
import type { AdminResources } from '../resources.ts';
import { alterKey } from './alter-key.ts';
import { derivedSecret } from './derived-secret.ts';
import { withSecret } from './rotate-key.ts';

const AT_ONCE = 100;
/** Of its interval a key's former secret goes on to work, so that its holder can fetch the new one. */
const GRACE_PART = 0.1;
const LONGEST_GRACE_MS = 7 * 86_400_000;

/** Gives every key that is due (`auto_rotate`, `rotation_interval`) a new secret. Any number of replicas may do so at once: each key is done once. */
export async function rotateDueKeys(resources: Pick<AdminResources, 'db' | 'keys' | 'masterKey' | 'now' | 'log'>): Promise<number> {
  const { db, masterKey, now, log } = resources;
  const due = await keysToRotate(db, { now: now(), limit: AT_ONCE });
  if (due.length > 0 && masterKey === undefined) {
    log.warn({ keys: due.length }, 'keys are due to be rotated, which takes a master key: they keep their secrets');
    return 0;
  }
  let rotated = 0;
  for (const { hash } of due) if (masterKey !== undefined && (await rotateOne(hash, masterKey, resources))) rotated += 1;
  return rotated;
}

/** False when another replica was faster. */
async function rotateOne(
  hash: string,
  masterKey: string,
  { db, keys, now, log }: Pick<AdminResources, 'db' | 'keys' | 'now' | 'log'>,
): Promise<boolean> {
  const key = await transact(db, async (inside) => {
    const change = async (_inside: typeof inside, found: VirtualKey) => {
      if (!found.autoRotate || found.rotateAt === null || found.rotateAt > now()) throw new NotDue();
      const secret = derivedSecret(masterKey, { hash, rotation: found.rotationCount + 1 });
      return withSecret(found, { secret, graceUntil: graceAfter(found, now()), now: now() });
    };
    return alterKey(inside, hash, { caller: BY_ITSELF, action: 'rotated', change });
  }).catch((error: unknown) => {
    if (error instanceof NotDue) return undefined;
    throw error;
  });
  if (key === undefined) return false;
  await keys.publish(hash);
  log.info({ keyId: hash.slice(0, 12), rotation: key.rotationCount }, 'a key was rotated by its interval');
  return true;
}

class NotDue extends Error {}

function graceAfter({ rotatedAt, createdAt, rotateAt }: VirtualKey, now: Date): Date {
  const intervalMs = (rotateAt ?? now).getTime() - (rotatedAt ?? createdAt).getTime();
  return new Date(now.getTime() + Math.min(LONGEST_GRACE_MS, Math.max(60_000, intervalMs * GRACE_PART)));
}
