import type { HoldRecord } from '#contracts';
import type { HedgingSettings } from './sections/read-hedging.ts';
import type { SecretRef } from './secret-ref.ts';
import type { AccessSettings } from './settings/access-settings.ts';
import type { AlertSettings, LedgerSettings } from './settings/ledger-settings.ts';
import type { AutoRoutingSettings } from './settings/auto-routing-settings.ts';
import type { PromptCacheSettings } from './settings/prompt-cache-settings.ts';
import type { BatchSettings } from './settings/batch-settings.ts';
import type { PromptSettings } from './settings/prompt-settings.ts';
import type { BudgetSettings, KeyRules } from './settings/budget-settings.ts';
import type { CacheSettings } from './settings/cache-settings.ts';
import type { Deployment } from './settings/deployment.ts';
import type { GuardrailsSettings } from './settings/guardrail-settings.ts';
import type { HealthSettings } from './settings/health-settings.ts';
import type { IdempotencySettings, JobsSettings, ResponsesSettings } from './settings/kept-answers.ts';
import type { MediaSettings } from './settings/media-settings.ts';
import type { ModelGroupSettings } from './settings/model-group-settings.ts';
import type { PriceSettings } from './settings/price-settings.ts';
import type { QueueSettings } from './settings/queue-settings.ts';
import type { RouterSettings, RoutingSettings } from './settings/router-settings.ts';
import type { StreamSettings } from './settings/stream-settings.ts';

/**
 * The configuration as the services use it: a LiteLLM `config.yaml`, checked, with every default filled in.
 * Secrets stay references until `resolveSecret` is called, and only the worker calls it.
 */
export interface GatewayConfig {
  /** Where it came from, for messages; `undefined` for the built-in sandbox configuration. */
  readonly file: string | undefined;
  readonly deployments: readonly Deployment[];
  /** What an operator holds back now. */
  readonly holds?: readonly HoldRecord[] | undefined;
  /** Stored ones that are kept and not used (`/model/block`). */
  readonly blockedDeployments?: readonly Deployment[] | undefined;
  readonly router: RouterSettings;
  readonly routing: RoutingSettings;
  readonly queueing: QueueSettings;
  readonly health: HealthSettings;
  readonly general: GeneralSettings;
  /** Undefined: every address, route and call with a key is taken. */
  readonly access?: AccessSettings | undefined;
  readonly litellm: LitellmSettings;
  readonly media: MediaSettings;
  readonly responses: ResponsesSettings;
  readonly idempotency: IdempotencySettings;
  readonly jobs?: JobsSettings | undefined;
  readonly batches?: BatchSettings | undefined;
  /** By the name of the group. */
  readonly modelGroups: Readonly<Record<string, ModelGroupSettings>>;
  readonly prices?: PriceSettings | undefined;
  readonly streams?: StreamSettings | undefined;
  readonly hedging?: HedgingSettings | undefined;
  /** Undefined without any. */
  readonly guardrails?: GuardrailsSettings | undefined;
  /** Undefined: no name stands for a choice by difficulty. */
  readonly autoRouting?: AutoRoutingSettings | undefined;
  readonly promptCache?: PromptCacheSettings | undefined;
  readonly ledger?: LedgerSettings | undefined;
  /** Undefined: nothing of what is asked and answered is kept. */
  readonly prompts?: PromptSettings | undefined;
  readonly alerts?: AlertSettings | undefined;
  readonly budgets?: BudgetSettings | undefined;
  /** Undefined: no answer is given twice. */
  readonly cache?: CacheSettings | undefined;
  readonly keys?: KeyRules | undefined;
  /** One line each, naming the key and its place: what is accepted but has no effect here. */
  readonly warnings: readonly string[];
}

export interface GeneralSettings {
  readonly masterKey: SecretRef | undefined;
  readonly databaseUrl: SecretRef | undefined;
  readonly maxRequestBytes: number;
  /** All files of one upload together. */
  readonly maxUploadBytes: number;
}

export interface LitellmSettings {
  readonly dropParams: boolean;
  readonly requireAuthForMetrics: boolean;
  /** Streams of chat and completions end with their usage, whether a client asks for it or says nothing. */
  readonly alwaysStreamUsage?: boolean | undefined;
}
