import { hkdfSync } from 'node:crypto';
import { newKeySecret } from './key-secret.ts';

/**
 * The secret that a key gets when the gateway rotates it by itself. Nobody is there to be shown it and it is stored nowhere, so it is one that
 * can be worked out again for whoever holds the one before: from the master key, which can make keys anyway.
 */
export function derivedSecret(masterKey: string, { hash, rotation }: { readonly hash: string; readonly rotation: number }): string {
  const info = `headrace virtual key rotation ${rotation}`;
  return newKeySecret((count) => new Uint8Array(hkdfSync('sha256', masterKey, hash, info, count)));
}
