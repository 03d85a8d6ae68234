import { MASTER_KEY_HASH } from '#contracts';
import type { Principal } from './authenticate.ts';

/** Whose jobs, responses and kept answers a caller may see: those of the same key. */
export function ownerOf(principal: Principal): string {
  return principal.kind === 'key' ? principal.record.hash : MASTER_KEY_HASH;
}
