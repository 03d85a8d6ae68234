/**
 * The configuration as the services use it: a LiteLLM `config.yaml`, checked, with every default filled in.
 * Secrets stay references until `resolveSecret` is called, and only the worker calls it.
 */
export interface GatewayConfig {
  /** Where it came from, for messages; `undefined` for the built-in sandbox configuration. */
  readonly file: string | undefined;
  readonly deployments: readonly Deployment[];
  readonly router: RouterSettings;
  readonly general: GeneralSettings;
  readonly litellm: LitellmSettings;
  /** One line each, naming the key and its place: what is accepted but has no effect here. */
  readonly warnings: readonly string[];
}

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
  /** `organization`, lower-case header pairs of `extra_headers`. */
  readonly extraHeaders: Readonly<Record<string, SecretRef>>;
  /** Merged into the body where the client did not set the field: `temperature`, `max_tokens`, `extra_body` … */
  readonly defaultParams: Readonly<Record<string, unknown>>;
  readonly tier: string;
  readonly weight: number | undefined;
  readonly rpm: number | undefined;
  readonly tpm: number | undefined;
  /** Milliseconds; `timeout` and `stream_timeout` of the entry. */
  readonly timeoutMs: number | undefined;
  readonly streamTimeoutMs: number | undefined;
  readonly maxParallelRequests: number | undefined;
  readonly dropParams: boolean;
  readonly prices: PriceOverride | undefined;
  /** `model_info.base_model`: the name to look a price up by. */
  readonly baseModel: string | undefined;
  readonly modelInfo: Readonly<Record<string, unknown>>;
}

/** US dollars per token, decimal text as written. `cost_per_token` sets input and output alike. */
export interface PriceOverride {
  readonly inputUsd: string;
  readonly outputUsd: string;
  readonly cacheReadUsd: string | undefined;
  readonly cacheWriteUsd: string | undefined;
  readonly cacheWrite1hUsd: string | undefined;
}

/** A literal from the file or the name of an environment variable (`os.environ/NAME`). */
export type SecretRef = { readonly literal: string } | { readonly env: string };

export interface RouterSettings {
  /** Further attempts after the first, on the same group. LiteLLM's default: 2. */
  readonly numRetries: number;
  /** Milliseconds; floor of the wait before a retry on the same deployment. */
  readonly retryAfterMs: number;
  readonly fallbacks: Readonly<Record<string, readonly string[]>>;
  readonly defaultFallbacks: readonly string[];
  readonly maxFallbacks: number;
  readonly modelGroupAlias: Readonly<Record<string, string>>;
  /** Aliases that work but are not listed. */
  readonly hiddenAliases?: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly streamTimeoutMs: number | undefined;
}

export interface GeneralSettings {
  readonly masterKey: SecretRef | undefined;
  readonly databaseUrl: SecretRef | undefined;
  readonly maxRequestBytes: number;
}

export interface LitellmSettings {
  readonly dropParams: boolean;
  readonly requireAuthForMetrics: boolean;
}
