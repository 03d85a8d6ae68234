/** Request fields that speak to the gateway (LiteLLM's names): they have done their work before a provider is called. */
const GATEWAY_FIELDS: ReadonlySet<string> = new Set([
  'fallbacks',
  'context_window_fallback_dict',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'disable_fallbacks',
  'num_retries',
  'max_fallbacks',
  'timeout',
  'guardrails',
  'disable_global_guardrails',
  'caching',
  'cache',
  'litellm_session_id',
  'litellm_trace_id',
  'tags',
  'drop_params',
]);
/** LiteLLM's test switches, and members of our own. */
const GATEWAY_PREFIXES = ['mock_testing_', 'headrace_'] as const;

export function isGatewayField(name: string): boolean {
  return GATEWAY_FIELDS.has(name) || GATEWAY_PREFIXES.some((prefix) => name.startsWith(prefix));
}
