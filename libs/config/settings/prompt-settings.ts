/** `headrace.prompts`: how what was asked and answered is kept, where `general_settings.store_prompts_in_spend_logs` says that it is. */
export interface PromptSettings {
  readonly retentionMs: number;
  /** Of the request and of the answer, each; the rest is cut. */
  readonly maxBytes: number;
  /** JSON fields whose values are not kept, wherever they stand. */
  readonly redactFields: readonly string[];
}

export const DEFAULT_PROMPTS: PromptSettings = { retentionMs: 30 * 86_400_000, maxBytes: 64 * 1024, redactFields: [] };
