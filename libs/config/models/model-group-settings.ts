import type { GatewayConfig } from '../gateway-config.ts';
import type { ModelGroupSettings } from '../settings/model-group-settings.ts';

/** What `headrace.model_groups` says of a group. The name may come from a client: `constructor` and its like are nobody's group. */
export function modelGroupSettings({ modelGroups }: Pick<GatewayConfig, 'modelGroups'>, group: string): ModelGroupSettings | undefined {
  return Object.hasOwn(modelGroups, group) ? modelGroups[group] : undefined;
}
