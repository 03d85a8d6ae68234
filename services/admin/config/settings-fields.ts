import type { StoredSection } from '#contracts';
import { z } from 'zod';

/** What can be set while the gateway runs; all else is read at its start, and setting it here would only seem to work. */
export const LIVE_SETTINGS: Readonly<Record<StoredSection, readonly string[]>> = {
  router_settings: [
    'num_retries',
    'retry_after',
    'retry_policy',
    'model_group_retry_policy',
    'fallbacks',
    'context_window_fallbacks',
    'content_policy_fallbacks',
    'default_fallbacks',
    'max_fallbacks',
    'model_group_alias',
    'timeout',
    'stream_timeout',
    'routing_strategy',
    'enable_tag_filtering',
    'tag_filtering_match_any',
    'enable_pre_call_checks',
    'allowed_fails',
    'allowed_fails_policy',
    'cooldown_time',
  ],
  litellm_settings: [
    'drop_params',
    'num_retries',
    'request_timeout',
    'retry_after',
    'fallbacks',
    'context_window_fallbacks',
    'content_policy_fallbacks',
    'default_fallbacks',
    'max_fallbacks',
    'allowed_fails',
    'cooldown_time',
    'require_auth_for_metrics_endpoint',
  ],
};

/** Their values are checked by the code that reads config.yaml. */
export const settingsSchema = z.object({
  router_settings: z.record(z.string(), z.unknown()).nullish(),
  litellm_settings: z.record(z.string(), z.unknown()).nullish(),
});

/** Sections of LiteLLM's route that are read at the start. */
export const START_SECTIONS: ReadonlySet<string> = new Set(['general_settings', 'environment_variables', 'model_list']);

const name = z.string().trim().min(1, 'must not be empty').max(256);

/** By LiteLLM's kinds: the setting that each stands in. */
export const FALLBACK_SETTINGS = {
  general: 'fallbacks',
  context_window: 'context_window_fallbacks',
  content_policy: 'content_policy_fallbacks',
} as const;

const kind = z.enum(['general', 'context_window', 'content_policy']).default('general');

export const newFallbackSchema = z.object({
  model: name,
  fallback_models: z.array(name).min(1, 'name at least one model').max(100),
  fallback_type: kind,
});

export const fallbackQuerySchema = z.object({ fallback_type: kind });
