import type { ErrorPolicy, Lane, StreamFailurePolicy } from '#contracts';

/**
 * The configuration as the services use it: a LiteLLM `config.yaml`, checked, with every default filled in.
 * Secrets stay references until `resolveSecret` is called, and only the worker calls it.
 */
export interface GatewayConfig {
  /** Where it came from, for messages; `undefined` for the built-in sandbox configuration. */
  readonly file: string | undefined;
  readonly deployments: readonly Deployment[];
  readonly router: RouterSettings;
  readonly routing: RoutingSettings;
  readonly queueing: QueueSettings;
  readonly health: HealthSettings;
  readonly general: GeneralSettings;
  readonly litellm: LitellmSettings;
  readonly media: MediaSettings;
  readonly responses: ResponsesSettings;
  readonly idempotency: IdempotencySettings;
  /** By the name of the group. */
  readonly modelGroups: Readonly<Record<string, ModelGroupSettings>>;
  readonly prices?: PriceSettings | undefined;
  readonly streams?: StreamSettings | undefined;
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
  readonly dropParams: boolean;
  readonly prices: PriceOverride | undefined;
  /** `provider_cost` of the entry: whether a cost that the provider states itself counts; unset: as `headrace.prices` says. */
  readonly providerCost?: ProviderCostRule | undefined;
  /** `model_info.base_model`: the name to look a price up by. */
  readonly baseModel: string | undefined;
  readonly modelInfo: Readonly<Record<string, unknown>>;
}

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

/** US dollars per token, decimal text as written. `cost_per_token` sets input and output alike. */
export interface PriceOverride {
  readonly inputUsd: string;
  readonly outputUsd: string;
  readonly cacheReadUsd: string | undefined;
  readonly cacheWriteUsd: string | undefined;
  readonly cacheWrite1hUsd: string | undefined;
  /** All further prices, US dollars by LiteLLM's names (`price-name.ts`): media, requests, tiers by length and by service. */
  readonly further?: Readonly<Record<string, string>> | undefined;
  /** `web_search_billing_unit: per_prompt`: however often a model searched, an answer pays for one search. */
  readonly searchPerPrompt?: boolean | undefined;
}

/** Some providers state what a call cost (`usage.cost`): taken before all prices but the file's own, after them, or not at all. */
export const PROVIDER_COST_RULES = ['first', 'last', 'never'] as const;
export type ProviderCostRule = (typeof PROVIDER_COST_RULES)[number];

/** `headrace.prices`: where prices come from beside this file and the built-in catalogue. */
export interface PriceSettings {
  /** Path of a price file, relative to the configuration's folder. */
  readonly file: string | undefined;
  /** https address of a price file. */
  readonly url: string | undefined;
  readonly urlIntervalMs: number;
  /** At most so many bytes are taken from `url`. */
  readonly urlMaxBytes: number;
  readonly providerCost: ProviderCostRule;
  /** Streams end with their cost in a comment of the event stream. */
  readonly costInStreams: boolean;
}

/** A literal from the file or the name of an environment variable (`os.environ/NAME`). */
export type SecretRef = { readonly literal: string } | { readonly env: string };

export interface RouterSettings {
  /** Further attempts after the first, on the same group. LiteLLM's default: 2. */
  readonly numRetries: number;
  /** Milliseconds; floor of the wait before a retry on the same deployment. */
  readonly retryAfterMs: number;
  /** Further attempts by kind of failure, and by group: `retry_policy`, `model_group_retry_policy`. They go before `numRetries`. */
  readonly retryPolicy?: ErrorPolicy | undefined;
  readonly modelGroupRetryPolicy?: Readonly<Record<string, ErrorPolicy>> | undefined;
  readonly fallbacks: Readonly<Record<string, readonly string[]>>;
  /** For requests that are too long for a model, or that its content filter refuses. */
  readonly contextWindowFallbacks?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly contentPolicyFallbacks?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly defaultFallbacks: readonly string[];
  readonly maxFallbacks: number;
  readonly modelGroupAlias: Readonly<Record<string, string>>;
  /** Aliases that work but are not listed. */
  readonly hiddenAliases?: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly streamTimeoutMs: number | undefined;
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

export const ROUTING_STRATEGIES = [
  'simple-shuffle',
  'least-busy',
  'usage-based-routing',
  'usage-based-routing-v2',
  'latency-based-routing',
  'cost-based-routing',
] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

export const AFFINITIES = ['off', 'session', 'prefix', 'key'] as const;
/** What requests have in common that go to one deployment while it is healthy: the session, the beginning of the prompt, the virtual key. */
export type Affinity = (typeof AFFINITIES)[number];

/** How a deployment is chosen among those of a group: `router_settings`, and `headrace.routing`. */
export interface RoutingSettings {
  readonly strategy: RoutingStrategy;
  /** `routing_strategy_args.ttl`: how long a measured latency counts. */
  readonly measurementsHoldMs: number;
  /** `routing_strategy_args.lowest_latency_buffer`: a share of the lowest latency; who is no slower takes turns with the fastest. */
  readonly latencyBuffer: number;
  readonly affinity: Affinity;
  /** `enable_tag_filtering` with `tag_filtering_match_any`: a deployment needs one of the request's tags, or all of them. */
  readonly tagFiltering: 'off' | 'any' | 'all';
  /** `enable_pre_call_checks`: deployments that take fewer input tokens than the request has are left out. */
  readonly checkInputLength: boolean;
  /** Deployments whose `rpm` or `tpm` is used up come last, whatever the strategy. */
  readonly checkLimits: boolean;
}

/** How jobs wait for their providers: `headrace.pools`, `headrace.lanes`, `headrace.queue`. */
export interface QueueSettings {
  /** Jobs at a time and worker by provider; `auto` finds it by latency and overload. Others have the worker's `--concurrency`. */
  readonly concurrency: Readonly<Record<string, number | 'auto'>>;
  /** Shares of the capacity while all lanes have jobs waiting. */
  readonly laneWeights: Readonly<Record<Lane, number>>;
  /** The share of a pool's slots that only live jobs may take. */
  readonly liveReserve: number;
  /** A key with so many jobs waiting queues its further ones beside the others'. */
  readonly bulkAfter: number;
  /** A stream that waits for so long, and each time as long again, is sent a comment; undefined: never. */
  readonly waitingCommentMs: number | undefined;
  /** Requests whose wait would probably pass their deadline are refused at once. */
  readonly refuseHopeless: boolean;
  /** The window of `rpm` and `tpm`. */
  readonly limitWindowMs: number;
}

export interface GeneralSettings {
  readonly masterKey: SecretRef | undefined;
  readonly databaseUrl: SecretRef | undefined;
  readonly maxRequestBytes: number;
  /** All files of one upload together. */
  readonly maxUploadBytes: number;
}

/** `headrace.media`: pictures and documents that are fetched for providers that take no addresses. */
export interface MediaSettings {
  /** Host names and IP addresses that may be private. */
  readonly allowedPrivateHosts: readonly string[];
  /** For all files of a request together. */
  readonly maxBytes: number;
  /** Milliseconds for one file. */
  readonly timeoutMs: number;
}

/** `headrace.responses`: answers of `/v1/responses` that are kept to be continued by their id. */
export interface ResponsesSettings {
  readonly ttlMs: number;
  /** Of all of them together; the oldest go first. */
  readonly maxBytes: number;
}

/** `headrace.idempotency`: answers to requests with an `Idempotency-Key`, which are given again. */
export interface IdempotencySettings {
  readonly ttlMs: number;
  /** A larger answer is given, and not kept. */
  readonly maxAnswerBytes: number;
  /** Of all of them together; the oldest go first. */
  readonly maxBytes: number;
  /** A job whose client left ends, although a retry could pick up its answer. */
  readonly cancelOnDisconnect: boolean;
}

/** One entry of `headrace.model_groups`. */
export interface ModelGroupSettings {
  /** What is done when a stream fails after the client has text of it. */
  readonly streamOnFailure?: StreamFailurePolicy | undefined;
  /** Identical requests of one key that are under way at the same time become one call. */
  readonly singleFlight: boolean;
}

/** `headrace.streams` and `headrace.timeouts`. */
export interface StreamSettings {
  /** Where neither the model group nor the key nor the request says otherwise. */
  readonly onFailure: StreamFailurePolicy;
  /** The longest that status and headers are kept back for an attempt to fail unseen. */
  readonly holdBackMs: number;
  /** Between two comments while an answer is buffered. */
  readonly keepAliveMs: number;
  /** The largest answer that is buffered. */
  readonly bufferBytes: number;
  readonly timeouts: StreamTimeouts;
}

/** Milliseconds; unset: no limit but the request's deadline and `stream_timeout`. */
export interface StreamTimeouts {
  /** From sending the request to the first content. */
  readonly firstTokenMs?: number | undefined;
  /** Between two events with content, or from the last of them to the end. */
  readonly interChunkMs?: number | undefined;
  /** For the whole attempt. */
  readonly totalMs?: number | undefined;
}

export interface LitellmSettings {
  readonly dropParams: boolean;
  readonly requireAuthForMetrics: boolean;
}
