import type { BudgetWindow } from '#contracts';
import type { SecretRef } from '../secret-ref.ts';
import type { DeploymentHealthSettings } from './health-settings.ts';
import type { PromptMarkPoint } from './prompt-cache-settings.ts';
import type { PriceOverride, ProviderCostRule } from './price-settings.ts';

/** One entry of `model_list`. */
export interface Deployment {
  /** `model_info.id`, else a hash of the entry as written (secrets unresolved): the same in every process. */
  readonly id: string;
  /** `model_name`: deployments of one name form a group; may hold `*`. */
  readonly modelGroup: string;
  /** A provider of the table (`libs/providers`): first segment of `litellm_params.model`, or `custom_llm_provider`. */
  readonly provider: string;
  /** The rest of `litellm_params.model`: sent to the provider; may hold `*`. */
  readonly upstreamModel: string;
  readonly apiBase: SecretRef | undefined;
  readonly apiKey: SecretRef | undefined;
  /** `organization`, `project`, lower-case header pairs of `extra_headers`. */
  readonly extraHeaders: Readonly<Record<string, SecretRef>>;
  /** Addresses and credentials that the provider's entry in the table reads: `aws_region_name`, `vertex_project`, `api_version` … */
  readonly settings?: Readonly<Record<string, SecretRef>> | undefined;
  /** Merged into the body where the client did not set the field: `temperature`, `max_tokens`, `extra_body` … */
  readonly defaultParams: Readonly<Record<string, unknown>>;
  readonly tier: string;
  readonly weight: number | undefined;
  /** Lower ones are tried first; deployments without one come last. */
  readonly order?: number | undefined;
  /** For tag routing; `default` marks deployments for requests without tags. */
  readonly tags?: readonly string[] | undefined;
  readonly rpm: number | undefined;
  readonly tpm: number | undefined;
  /** Milliseconds; `timeout` and `stream_timeout` of the entry. */
  readonly timeoutMs: number | undefined;
  readonly streamTimeoutMs: number | undefined;
  readonly maxParallelRequests: number | undefined;
  /** The queue its jobs wait in, where it has one of its own (`assign-queues.ts`). */
  readonly queue?: string | undefined;
  /** Further attempts after a failure of this deployment. */
  readonly numRetries?: number | undefined;
  readonly health?: DeploymentHealthSettings | undefined;
  /** `max_budget` and `budget_duration` of the entry. */
  readonly budget?: BudgetWindow | undefined;
  /** `cache_control_injection_points` of the entry. */
  readonly promptMarkPoints?: readonly PromptMarkPoint[] | undefined;
  readonly dropParams: boolean;
  readonly prices: PriceOverride | undefined;
  /** `provider_cost` of the entry: whether a cost that the provider states itself counts; unset: as `headrace.prices` says. */
  readonly providerCost?: ProviderCostRule | undefined;
  /** `model_info.base_model`: the name to look a price up by. */
  readonly baseModel: string | undefined;
  readonly modelInfo: Readonly<Record<string, unknown>>;
  /** It was made over HTTP: not part of the file. */
  readonly isStored?: boolean | undefined;
  /** For this team's keys alone. */
  readonly teamId?: string | undefined;
  /** Why its secrets can't be read in this process: every call of it fails, others are tried. */
  readonly unusable?: string | undefined;
  /** `litellm_credential_name`: the stored credential that it takes parameters from. */
  readonly credential?: string | undefined;
}
