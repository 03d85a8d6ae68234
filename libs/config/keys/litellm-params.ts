import { meantPrice } from '../prices/misspelt-price.ts';
import { parsePriceName, PRICE_NAMES } from '../prices/price-name.ts';
import { words } from './key-table.ts';

/** How `litellm_params` treats a key; see `litellmParamKind`. */
export type LitellmParamKind = 'supported' | 'setting' | 'ignored' | 'body';

const SUPPORTED = words(`
  model litellm_credential_name api_key api_base base_url organization project custom_llm_provider extra_headers extra_body drop_params rpm tpm max_parallel_requests weight order tags timeout
  stream_timeout cost_per_token search_context_cost_per_query web_search_billing_unit tiered_pricing provider_cost
  cache_control_injection_points max_retries num_retries cooldown_time allowed_fails max_budget budget_duration`);

/** Addresses and credentials of clouds, by the names of the provider table (`libs/providers`); each provider reads its own. */
const SETTINGS = words(`
  api_version region_name tenant_id client_id client_secret token project_id space_id deployment_id account_id gateway_id
  aws_access_key_id aws_secret_access_key aws_session_token aws_region_name aws_profile_name aws_role_name aws_session_name
  aws_external_id aws_web_identity_token aws_sts_endpoint aws_bedrock_runtime_endpoint
  vertex_project vertex_location vertex_credentials vertex_ai_project vertex_ai_location vertex_ai_credentials
  azure_ad_token azure_scope azure_authority_host azure_resource_name watsonx_apikey zen_api_key iam_url`);

/** Settings of LiteLLM itself: never sent to a provider, without effect here yet. */
const IGNORED = words(`
  itpm otpm retry_policy tag_regex
  default_api_key_tpm_limit default_api_key_rpm_limit configurable_clientside_auth_params
  additional_drop_params allowed_openai_params mock_response mock_timeout mock_tool_calls silent_model use_in_pass_through
  use_litellm_proxy use_chat_completions_api use_xai_oauth merge_reasoning_content_in_choices allowed_model_region
  stream headers provider_specific_header provider_affinity_header guardrails prompt_id prompt_version prompt_label
  prompt_variables litellm_system_prompt litellm_trace_id litellm_session_id litellm_metadata litellm_request_debug base_model
  model_info model_config caching caching_groups cache ttl no-log hf_model_name supports_system_message roles bos_token eos_token
  ensure_alternating_roles user_continue_message assistant_continue_message vector_store_ids
  knowledge_bases search_tool_name enable_json_schema_validation keepalive_seconds allow_client_keepalive_override
  max_file_size_mb fallbacks context_window_fallback_dict max_fallbacks request_timeout force_timeout verbose
  disable_add_transform_inline_image_block ssl_verify
  complexity_router_default_model auto_router_default_model blocked id`);

/** Whole families of the same: credentials of clouds and of logging services, and LiteLLM's other routers. */
const IGNORED_FAMILIES = words(`
  aws_ azure_ vertex_ watsonx_ s3_ gcs_ sagemaker_ bedrock_ oci_ sap_ databricks_ snowflake_ langfuse_ langsmith_ humanloop_
  arize_ posthog_ weave_ wandb_ milvus_ valkey_ auto_router_ complexity_router_ adaptive_router_ quality_router_`);

/** What a price looks like. Those that `parsePriceName` reads are supported; pages, video and uplifts by region are not. */
const PRICE_LIKE =
  /(?:(?:^|_)cost_per_|^cache_(?:read|creation)_.*cost|^search_context_cost|^regional_processing_uplift|_cost_multiplier$)/;

/** Parameters of the request that are commonly set as defaults. Any other name is passed on just the same. */
const BODY = words(`
  temperature max_tokens max_completion_tokens top_p top_k top_a min_p typical_p n stop seed user presence_penalty
  frequency_penalty repetition_penalty logit_bias logprobs top_logprobs response_format tools tool_choice parallel_tool_calls
  functions function_call reasoning_effort reasoning thinking service_tier verbosity modalities prediction audio store metadata
  web_search_options stream_options safety_identifier prompt_cache_key dimensions encoding_format input_type truncate voice
  speed size quality style language prompt suffix echo best_of min_tokens stop_sequences system num_ctx num_predict keep_alive
  format options safety_settings chat_template_kwargs guided_json guided_regex guided_choice guided_grammar transforms route
  provider models plugins include_reasoning enable_thinking think`);

const KNOWN = new Map<string, LitellmParamKind>([
  ...[...SUPPORTED, ...PRICE_NAMES].map((key) => [key, 'supported'] as const),
  ...SETTINGS.map((key) => [key, 'setting'] as const),
  ...IGNORED.map((key) => [key, 'ignored'] as const),
  ...BODY.map((key) => [key, 'body'] as const),
]);

/** The names a misspelt one is compared with. */
export const KNOWN_LITELLM_PARAMS: readonly string[] = [...KNOWN.keys()];

/**
 * What becomes of a key of `litellm_params`: read by us, read by the provider's entry in the table, accepted without effect, or sent to the provider as a default body
 * parameter. Undefined for a name nobody knows, which LiteLLM sends to the provider too.
 */
export function litellmParamKind(key: string): LitellmParamKind | undefined {
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  if (parsePriceName(key) !== undefined) return 'supported';
  if (misspeltPrice(key) !== undefined) return undefined;
  const isFamily = IGNORED_FAMILIES.some((prefix) => key.startsWith(prefix));
  return isFamily || PRICE_LIKE.test(key) ? 'ignored' : undefined;
}

/** True for a price that LiteLLM knows and this gateway does not apply: the cost shown would be wrong without a word. */
export function isUnsupportedPrice(key: string): boolean {
  return PRICE_LIKE.test(key) && !KNOWN.has(key) && parsePriceName(key) === undefined;
}

/** What a name that looks like a price, and is none, was probably meant to be. */
export function misspeltPrice(key: string): string | undefined {
  return PRICE_LIKE.test(key) && !KNOWN.has(key) ? meantPrice(key) : undefined;
}
