import type { StreamFailurePolicy } from '#contracts';

/** One entry of `headrace.model_groups`. */
export interface ModelGroupSettings {
  /** What is done when a stream fails after the client has text of it. */
  readonly streamOnFailure?: StreamFailurePolicy | undefined;
  /** Identical requests of one key that are under way at the same time become one call. */
  readonly singleFlight: boolean;
  /** A second attempt is made where the first token is late; unset: as `headrace.hedging.enabled` says. */
  readonly hedge?: boolean | undefined;
  /** Long beginnings of prompts are marked for the provider's cache; unset: as `headrace.prompt_cache.enabled` says. */
  readonly promptCache?: boolean | undefined;
}
