import { words, type KeyTable } from './key-table.ts';

export const TOP_LEVEL_KEYS: KeyTable = {
  section: '',
  supported: words('model_list litellm_settings general_settings router_settings environment_variables include headrace guardrails'),
  ignored: words(`
    callback_settings policies policy_attachments prompts mcp_servers mcp_tools mcp_semantic_tool_filter agent_list
    credential_list vector_store_registry search_tools assistant_settings files_settings finetune_settings default_vertex_config
    cache cache_params`),
};

export const MODEL_ENTRY_KEYS: KeyTable = {
  section: 'model_list',
  supported: words('model_name litellm_params model_info'),
  ignored: words('tpm rpm'),
};

export const ROUTER_KEYS: KeyTable = {
  section: 'router_settings',
  supported: words(`
    num_retries retry_after timeout stream_timeout fallbacks default_fallbacks max_fallbacks model_group_alias routing_strategy
    routing_strategy_args enable_pre_call_checks enable_pre_call_check optional_pre_call_checks enable_tag_filtering
    tag_filtering_match_any retry_policy model_group_retry_policy context_window_fallbacks content_policy_fallbacks allowed_fails
    allowed_fails_policy cooldown_time disable_cooldowns provider_budget_config`),
  ignored: words(`
    routing_groups model_group_affinity_config max_retries weights
    deployment_affinity_ttl_seconds tag_routing_prefix redis_host redis_port redis_password redis_url redis_db
    redis_ssl cache_responses cache_kwargs caching_groups client_ttl default_priority polling_interval
    default_max_parallel_requests default_litellm_params enable_health_check_routing health_check_staleness_threshold
    health_check_ignore_transient_errors search_tools guardrail_list alerting_config assistants_config debug_level set_verbose
    router_general_settings ignore_invalid_deployments`),
};

export const LITELLM_KEYS: KeyTable = {
  section: 'litellm_settings',
  supported: words(`
    drop_params num_retries request_timeout fallbacks default_fallbacks require_auth_for_metrics_endpoint
    context_window_fallbacks content_policy_fallbacks allowed_fails cooldown_time retry_after max_fallbacks max_budget budget_duration
    max_end_user_budget max_end_user_budget_id default_key_generate_params upperbound_key_generate_params
    turn_off_message_logging cache cache_params stream_timeout always_include_stream_usage include_cost_in_streaming_usage json_logs`),
  ignored: words(`
    success_callback failure_callback callbacks service_callbacks audit_log_callbacks post_call_rules pre_call_rules
    redact_messages_in_exceptions redact_user_api_key_info langfuse_default_tags log_raw_request_response
    modify_params enable_preview_features set_verbose suppress_debug_info telemetry
    enable_redis_auth_cache enable_caching_on_provider_specific_optional_params caching_groups
    max_user_budget max_internal_user_budget internal_user_budget_duration default_internal_user_params default_team_params default_team_settings default_user_params
    default_max_internal_user_budget key_generation_settings
    cost_discount_config cost_margin_config priority_reservation
    priority_reservation_settings disable_end_user_cost_tracking disable_end_user_cost_tracking_prometheus_only
    prometheus_metrics_config prometheus_initialize_budget_metrics custom_prometheus_metadata_labels custom_prometheus_tags
    enable_end_user_cost_tracking_prometheus_only enable_json_schema_validation enable_key_alias_format_validation force_ipv4
    network_mock store_audit_logs ssl_verify ssl_certificate ssl_security_level custom_provider_map mcp_aliases responses
    public_model_groups public_model_groups_links public_agent_groups default_vertex_config model_alias_map model_cost_map_url
    disable_add_transform_inline_image_block disable_add_prefix_to_prompt disable_copilot_system_to_assistant
    disable_hf_tokenizer_download disable_stop_sequence_limit disable_token_counter disable_no_log_param
    disable_aiohttp_transport disable_aiohttp_trust_env use_aiohttp_transport use_client
    use_chat_completions_url_for_anthropic_messages use_litellm_proxy route_all_chat_openai_to_responses
    add_function_to_prompt add_user_information_to_llm_headers forward_traceparent_to_llm_provider
    reasoning_auto_summary default_redis_ttl default_redis_batch_cache_expiry default_in_memory_ttl s3_callback_params
    datadog_params datadog_llm_observability_params aws_sqs_callback_params generic_logger_headers generic_api_use_v1
    gcs_pub_sub_use_v1 argilla_transformation_object argilla_batch_size guardrail_name_config_map
    api_base api_key api_version organization headers openai_key azure_key anthropic_key cohere_key groq_key gemini_key
    openrouter_key together_ai_api_key replicate_key huggingface_key vertex_project vertex_location bedrock_tags
    check_provider_endpoint return_response_headers allow_dynamic_callback_disabling vector_store_registry credential_list
    LITELLM_DISABLE_STOP_SEQUENCE_LIMIT`),
};

export const GENERAL_KEYS: KeyTable = {
  section: 'general_settings',
  supported: words(`
    master_key database_url max_request_size_mb max_file_size_mb background_health_checks health_check_interval
    maximum_spend_logs_retention_period store_prompts_in_spend_logs alerting alert_types alert_to_webhook_url token_rate_limit_type
    allowed_routes public_routes admin_only_routes allowed_ips use_x_forwarded_for enforce_user_param enforced_params
    reject_clientside_metadata_tags litellm_key_header_name user_header_name user_header_mappings max_parallel_requests
    global_max_parallel_requests always_include_stream_usage`),
  ignored: words(`
    database_connection_pool_limit database_connection_timeout database_type database_args database_extra_connection_params
    allow_requests_on_db_unavailable store_model_in_db supported_db_objects disable_prisma_schema_update
    proxy_batch_write_at proxy_budget_rescheduler_min_time proxy_budget_rescheduler_max_time proxy_batch_polling_interval
    use_redis_transaction_buffer use_shared_health_check disable_spend_logs disable_spend_updates disable_error_logs
    disable_reset_budget disable_budget_reservation disable_adding_master_key_hash_to_db disable_master_key_return
    disable_responses_id_security disable_retry_on_max_parallel_request_limit_error fail_closed_budget_enforcement
    store_prompts_in_cold_storage cold_storage_custom_logger spend_report_frequency
    maximum_spend_logs_retention_interval maximum_spend_logs_cleanup_cron
    user_api_key_cache_ttl custom_auth custom_auth_settings custom_auth_run_common_checks custom_key_generate custom_key_update
    custom_sso custom_ui_sso_sign_in_handler auto_register allow_user_auth enable_jwt_auth litellm_jwtauth enable_oauth2_auth
    enable_oauth2_proxy_auth oauth2_config_mappings mcp_internal_ip_ranges mcp_trusted_proxy_ranges mcp_client_side_auth_header_name user_mcp_management_mode
    enforced_file_expires_after enforced_batch_output_expires_after max_response_size_mb
    alerting_threshold alerting_args
    health_check_details health_check_concurrency enable_health_check_routing
    health_check_staleness_threshold pass_through_endpoints pass_through_request_timeout
    use_client_credentials_pass_through_routes
    key_management_system key_management_settings use_google_kms use_azure_key_vault forward_client_headers_to_llm_api forward_openai_org_id forward_llm_provider_auth_headers
    service_account_settings default_team_disabled allow_client_side_credentials
    ui_access_mode auto_redirect_ui_login_to_sso control_plane_url block_robots role_permissions role_mappings
    completion_model embedding_model image_generation_model moderation_model transcription_model infer_model_from_keys otel
    litellm_license search_tools`),
};

/** An entry of `user_header_mappings`. */
export const USER_HEADER_KEYS: KeyTable = {
  section: 'general_settings.user_header_mappings',
  supported: words('header_name litellm_user_role'),
  ignored: [],
};

/** Our own section. A feature that needs a setting adds its key here. */
export const HEADRACE_KEYS: KeyTable = {
  section: 'headrace',
  supported: words(`
    media responses jobs batches prices routing idempotency model_groups pools lanes queue streams timeouts hedging alerts ledger prompts budgets
    budget_exceeded_status cache guardrails auto_routing prompt_cache`),
  ignored: [],
};

/** An entry of `guardrails`. */
export const GUARDRAIL_ENTRY_KEYS: KeyTable = {
  section: 'guardrails',
  supported: words('guardrail_name litellm_params guardrail_info'),
  ignored: words('guardrail_id'),
};

/** Of all kinds of guardrails; which of them a kind reads is in docs/guardrails.md. */
export const GUARDRAIL_KEYS: KeyTable = {
  section: 'guardrails.litellm_params',
  supported: words(`
    guardrail mode default_on unreachable_fallback timeout action entities pii_entities_config phone_regions words topics allowed_words
    blocked_words blocked_words_file patterns threshold max_chars max_messages languages rules default_action on_disallowed_action schema repair
    api_base api_key headers additional_provider_specific_params model project_id presidio_analyzer_api_base presidio_anonymizer_api_base
    presidio_language presidio_score_thresholds guardrailIdentifier guardrailVersion aws_region_name aws_access_key_id aws_secret_access_key
    aws_session_token`),
  ignored: words(`
    guardrail_id presidio_filter_scope output_parse_pii mask_request_content mask_response_content logging_only payload breakdown metadata dev_info
    experimental_use_latest_role_message_only violation_message_template extra_headers presidio_run_on severity_threshold keyword_redaction_tag
    pattern_redaction_format end_session_after_n_fails on_violation skip_system_message_in_guardrail`),
};

export const GUARDRAILS_KEYS: KeyTable = {
  section: 'headrace.guardrails',
  supported: words('allow_private_hosts may_be_switched_off'),
  ignored: [],
};

export const AUTO_ROUTING_KEYS: KeyTable = { section: 'headrace.auto_routing', supported: words('weights groups'), ignored: [] };

/** Below the group's name. */
export const AUTO_GROUP_KEYS: KeyTable = {
  section: 'headrace.auto_routing.groups.<name>',
  supported: words('weak strong cost_share escalate sticky after_escalation'),
  ignored: [],
};

export const PROMPT_CACHE_KEYS: KeyTable = { section: 'headrace.prompt_cache', supported: words('enabled min_tokens'), ignored: [] };

export const LEDGER_KEYS: KeyTable = { section: 'headrace.ledger', supported: words('retention'), ignored: [] };

export const PROMPTS_KEYS: KeyTable = { section: 'headrace.prompts', supported: words('retention max_kb redact_fields'), ignored: [] };

export const ALERTS_KEYS: KeyTable = {
  section: 'headrace.alerts',
  supported: words(`
    webhook_url webhook_secret slack_url email_url email_to kinds key_expiring_days anomaly_factor anomaly_min_usd provider_down_s
    allow_private_hosts give_up_hours`),
  ignored: [],
};

export const MEDIA_KEYS: KeyTable = {
  section: 'headrace.media',
  supported: words('allow_private_hosts max_mb timeout_s'),
  ignored: [],
};

export const PRICES_KEYS: KeyTable = {
  section: 'headrace.prices',
  supported: words('file url url_hours url_max_mb provider_cost cost_in_streams'),
  ignored: [],
};

export const ROUTING_KEYS: KeyTable = { section: 'headrace.routing', supported: words('affinity'), ignored: [] };

/** Below the provider's name. */
export const POOL_KEYS: KeyTable = { section: 'headrace.pools.<provider>', supported: words('concurrency'), ignored: [] };

export const LANES_KEYS: KeyTable = {
  section: 'headrace.lanes',
  supported: words('live background batch live_reserve bulk_after'),
  ignored: [],
};

export const QUEUE_KEYS: KeyTable = {
  section: 'headrace.queue',
  supported: words('waiting_comment_s refuse_hopeless limit_window_s'),
  ignored: [],
};

/** `router_settings.routing_strategy_args`. */
export const STRATEGY_ARGS_KEYS: KeyTable = {
  section: 'routing_strategy_args',
  supported: words('ttl lowest_latency_buffer'),
  ignored: words('max_latency_list_size rpm_limit tpm_limit'),
};

export const STREAMS_KEYS: KeyTable = {
  section: 'headrace.streams',
  supported: words('on_failure hold_back_ms keep_alive_s buffer_mb'),
  ignored: [],
};

/** Of a provider's stream; a deployment's own stand in its `model_info`. */
export const TIMEOUTS_KEYS: KeyTable = {
  section: 'headrace.timeouts',
  supported: words('first_token_ms inter_chunk_ms total_ms'),
  ignored: [],
};

export const BUDGETS_KEYS: KeyTable = {
  section: 'headrace.budgets',
  supported: words('default_output_tokens unknown_price_usd fail_closed time_zone'),
  ignored: [],
};

/** Below the provider's name. */
export const PROVIDER_BUDGET_KEYS: KeyTable = {
  section: 'provider_budget_config.<provider>',
  supported: words('budget_limit time_period max_budget budget_duration'),
  ignored: [],
};

export const HEDGING_KEYS: KeyTable = {
  section: 'headrace.hedging',
  supported: words('enabled delay_ms percentile max_share'),
  ignored: [],
};

/** `litellm_settings.cache_params`. What says where LiteLLM's cache is has no effect: this gateway's own store serves them all. */
export const CACHE_PARAMS_KEYS: KeyTable = {
  section: 'litellm_settings.cache_params',
  supported: words(`
    type mode ttl namespace supported_call_types similarity_threshold redis_semantic_cache_embedding_model
    qdrant_semantic_cache_embedding_model valkey_semantic_cache_embedding_model`),
  ignored: words(`
    host port password url db ssl username redis_url redis_startup_nodes startup_nodes sentinel_nodes sentinel_password service_name
    max_connections redis_flush_size default_in_memory_ttl default_in_redis_ttl default_redis_ttl default_redis_batch_cache_expiry max_size
    max_size_in_memory max_size_per_item socket_timeout ssl_cert_reqs ssl_check_hostname gcp_service_account gcp_ssl_ca_certs
    s3_bucket_name s3_region_name s3_api_version s3_use_ssl s3_verify s3_endpoint_url s3_aws_access_key_id s3_aws_secret_access_key
    s3_aws_session_token s3_config s3_path gcs_bucket_name gcs_path_service_account gcs_path azure_account_url azure_blob_container
    disk_cache_dir qdrant_api_base qdrant_api_key qdrant_collection_name qdrant_quantization_config
    qdrant_semantic_cache_vector_size redis_semantic_cache_index_name redis_semantic_cache_use_async enable_caching_on_provider_specific_optional_params`),
};

export const CACHE_KEYS: KeyTable = {
  section: 'headrace.cache',
  supported: words('enabled scope mode ttl_s namespace max_entry_kb max_gb memory_mb semantic'),
  ignored: [],
};

export const SEMANTIC_CACHE_KEYS: KeyTable = {
  section: 'headrace.cache.semantic',
  supported: words('models threshold max_temperature max_entries embedding_model embedding_timeout_ms index'),
  ignored: [],
};

export const RESPONSES_KEYS: KeyTable = { section: 'headrace.responses', supported: words('ttl_days max_gb'), ignored: [] };

export const JOBS_KEYS: KeyTable = { section: 'headrace.jobs', supported: words('ttl_days max_gb resumable'), ignored: [] };

export const BATCHES_KEYS: KeyTable = {
  section: 'headrace.batches',
  supported: words('max_requests max_file_mb in_flight output_ttl_days s3'),
  ignored: [],
};

export const BATCHES_S3_KEYS: KeyTable = {
  section: 'headrace.batches.s3',
  supported: words('bucket region endpoint prefix access_key_id secret_access_key'),
  ignored: [],
};

export const IDEMPOTENCY_KEYS: KeyTable = {
  section: 'headrace.idempotency',
  supported: words('ttl_hours max_answer_mb max_gb cancel_on_disconnect'),
  ignored: [],
};

/** Of one group in `headrace.model_groups`. */
export const MODEL_GROUP_KEYS: KeyTable = {
  section: 'headrace.model_groups.<name>',
  supported: words('single_flight stream_on_failure prompt_cache hedge'),
  ignored: [],
};

export const SECTION_TABLES: readonly KeyTable[] = [ROUTER_KEYS, LITELLM_KEYS, GENERAL_KEYS];
