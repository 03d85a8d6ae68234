import { GatewayError } from '#contracts';
import type { VirtualKey } from '#db';

/** Who is asking: the administrator, or the holder of a virtual key, who sees its own things only. */
export type Caller = { readonly kind: 'master' } | { readonly kind: 'key'; readonly key: VirtualKey };

/** The name a change is recorded under. */
export function callerName(caller: Caller): string {
  return caller.kind === 'master' ? 'master-key' : caller.key.hash;
}

/** Throws `route_access_denied` for anyone but the administrator. */
export function requireMaster(caller: Caller): void {
  if (caller.kind !== 'master') throw new GatewayError('route_access_denied', 'This route needs the master key.');
}
