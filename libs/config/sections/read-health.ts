import type { DeploymentHealthSettings, HealthSettings } from '../settings/health-settings.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readSecondsAsMs, readText } from '../values.ts';
import { readErrorPolicy } from './read-error-policy.ts';
import type { Fields } from './read-section.ts';

/** LiteLLM's defaults. */
export const DEFAULT_HEALTH: HealthSettings = {
  disabled: false,
  cooldownMs: 5_000,
  allowedFails: undefined,
  allowedFailsPolicy: undefined,
  activeChecks: false,
  checkIntervalMs: 300_000,
};

const LEAST_INTERVAL_S = 1;

/** Reads what `router_settings` says of cooldowns (`litellm_settings` where it says nothing) and `general_settings` of checks. */
export function readHealth(router: Fields, litellm: Fields, general: Fields, reading: Reading): HealthSettings {
  const intervalS = readNumber(general.get('health_check_interval'), { min: LEAST_INTERVAL_S, unit: 'seconds' }, reading);
  return {
    disabled: readBoolean(router.get('disable_cooldowns'), reading) ?? DEFAULT_HEALTH.disabled,
    cooldownMs: readSecondsAsMs(router.get('cooldown_time') ?? litellm.get('cooldown_time'), reading) ?? DEFAULT_HEALTH.cooldownMs,
    allowedFails: readCount(router.get('allowed_fails') ?? litellm.get('allowed_fails'), reading),
    allowedFailsPolicy: readErrorPolicy(router.get('allowed_fails_policy'), 'AllowedFails', reading),
    activeChecks: readBoolean(general.get('background_health_checks'), reading) ?? DEFAULT_HEALTH.activeChecks,
    checkIntervalMs: intervalS === undefined ? DEFAULT_HEALTH.checkIntervalMs : Math.round(intervalS * 1_000),
  };
}

/** What an entry of `model_list` has of its own, in `litellm_params` or `model_info`; undefined for nothing. */
export function readDeploymentHealth(params: Fields, info: Fields, reading: Reading): DeploymentHealthSettings | undefined {
  const settings: DeploymentHealthSettings = {
    cooldownMs: readSecondsAsMs(params.get('cooldown_time'), reading),
    allowedFails: readCount(info.get('allowed_fails') ?? params.get('allowed_fails'), reading),
    allowedFailsPolicy: readErrorPolicy(info.get('allowed_fails_policy'), 'AllowedFails', reading),
    noActiveChecks: readBoolean(info.get('disable_background_health_check'), reading),
    checkModel: readText(info.get('health_check_model'), reading),
  };
  return Object.values(settings).some((value) => value !== undefined) ? settings : undefined;
}

function readCount(node: SourceNode | undefined, reading: Reading): number | undefined {
  return readNumber(node, { min: 0, integer: true, unit: 'failures' }, reading);
}
