import type { ErrorPolicy } from '#contracts';

/** What one deployment has of its own in place of `HealthSettings`. */
export interface DeploymentHealthSettings {
  readonly cooldownMs?: number | undefined;
  readonly allowedFails?: number | undefined;
  readonly allowedFailsPolicy?: ErrorPolicy | undefined;
  /** `model_info.disable_background_health_check`. */
  readonly noActiveChecks?: boolean | undefined;
  /** `model_info.health_check_model`: the model that checks ask for, where asking the deployment's own is dear. */
  readonly checkModel?: string | undefined;
}

/** When a deployment is taken out after failures, and how it is tested: `router_settings` and `general_settings`. */
export interface HealthSettings {
  /** `disable_cooldowns`. */
  readonly disabled: boolean;
  readonly cooldownMs: number;
  /** Failures a minute that are tolerated; unset: the default rule of `libs/routing/health`. */
  readonly allowedFails: number | undefined;
  readonly allowedFailsPolicy: ErrorPolicy | undefined;
  /** `background_health_checks`: a small request to every deployment now and then. */
  readonly activeChecks: boolean;
  readonly checkIntervalMs: number;
}
