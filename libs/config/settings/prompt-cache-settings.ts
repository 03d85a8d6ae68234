/** `headrace.prompt_cache`: marks for providers that cache only what is marked. */
export interface PromptCacheSettings {
  /** For model groups that say nothing of it (`headrace.model_groups.<name>.prompt_cache`). */
  readonly enabled: boolean;
  /** A shorter beginning is not marked. */
  readonly minTokens: number;
}

/** One of `cache_control_injection_points`. */
export interface PromptMarkPoint {
  readonly location: 'message' | 'tool_config';
  readonly role?: string | undefined;
  /** Of a message; from the end where it is negative. */
  readonly index?: number | undefined;
  /** In place of `{type: ephemeral}`. */
  readonly control?: Readonly<Record<string, unknown>> | undefined;
}
