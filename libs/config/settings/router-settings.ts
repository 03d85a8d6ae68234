import type { ErrorPolicy } from '#contracts';

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
