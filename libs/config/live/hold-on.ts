import type { HoldMode, HoldRecord } from '#contracts';
import type { GatewayConfig } from '../gateway-config.ts';

/** How a place is held back; of several holds on it a pause goes before a drain: nothing moves. Undefined: it is not. */
export function holdOn({ holds }: Pick<GatewayConfig, 'holds'>, place: HeldPlace): HoldMode | undefined {
  if (holds === undefined || holds.length === 0) return undefined;
  const modes = new Set(holds.filter((hold) => isOn(hold, place)).map(({ mode }) => mode));
  return modes.has('pause') ? 'pause' : modes.has('drain') ? 'drain' : undefined;
}

export interface HeldPlace {
  readonly provider: string;
  readonly tier: string;
}

function isOn(hold: Pick<HoldRecord, 'provider' | 'tier'>, { provider, tier }: HeldPlace): boolean {
  return (hold.provider ?? provider) === provider && (hold.tier ?? tier) === tier;
}
