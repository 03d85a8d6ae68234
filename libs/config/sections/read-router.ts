import type { ErrorPolicy } from '#contracts';
import type { RouterSettings } from '../settings/router-settings.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readSecondsAsMs, readTextList, readTimeoutMs } from '../values.ts';
import { createRecord, readAliases, readFallbacks } from './read-fallbacks.ts';
import { readErrorPolicy } from './read-error-policy.ts';
import { readEntries, type Fields } from './read-section.ts';

/** LiteLLM's defaults. Its router waits 10 minutes for an answer, as the OpenAI SDKs do. */
export const DEFAULT_ROUTER: RouterSettings = {
  numRetries: 2,
  retryAfterMs: 0,
  fallbacks: createRecord(),
  defaultFallbacks: [],
  maxFallbacks: 5,
  modelGroupAlias: createRecord(),
  hiddenAliases: [],
  timeoutMs: 600_000,
  streamTimeoutMs: undefined,
};

/** Reads `router_settings`; `litellm_settings` count where it says nothing. */
export function readRouter(router: Fields, litellm: Fields, reading: Reading): RouterSettings {
  const count = (node: SourceNode | undefined, unit: string): number | undefined =>
    readNumber(node, { min: 0, integer: true, unit }, reading);
  const fallbacksFor = (key: string): RouterSettings['fallbacks'] | undefined =>
    readFallbacks(router.get(key), reading) ?? readFallbacks(litellm.get(key), reading);
  return {
    numRetries: count(router.get('num_retries'), 'retries') ?? count(litellm.get('num_retries'), 'retries') ?? DEFAULT_ROUTER.numRetries,
    retryAfterMs: readSecondsAsMs(router.get('retry_after') ?? litellm.get('retry_after'), reading) ?? DEFAULT_ROUTER.retryAfterMs,
    retryPolicy: readErrorPolicy(router.get('retry_policy'), 'Retries', reading),
    modelGroupRetryPolicy: readGroupPolicies(router.get('model_group_retry_policy'), reading),
    fallbacks: fallbacksFor('fallbacks') ?? createRecord(),
    contextWindowFallbacks: fallbacksFor('context_window_fallbacks'),
    contentPolicyFallbacks: fallbacksFor('content_policy_fallbacks'),
    defaultFallbacks:
      readTextList(router.get('default_fallbacks'), reading) ?? readTextList(litellm.get('default_fallbacks'), reading) ?? [],
    maxFallbacks: count(router.get('max_fallbacks') ?? litellm.get('max_fallbacks'), 'fallbacks') ?? DEFAULT_ROUTER.maxFallbacks,
    ...readAliases(router.get('model_group_alias'), reading),
    timeoutMs:
      readTimeoutMs(router.get('timeout'), reading) ?? readTimeoutMs(litellm.get('request_timeout'), reading) ?? DEFAULT_ROUTER.timeoutMs,
    streamTimeoutMs: readTimeoutMs(router.get('stream_timeout'), reading) ?? readTimeoutMs(litellm.get('stream_timeout'), reading),
  };
}

function readGroupPolicies(node: SourceNode | undefined, reading: Reading): RouterSettings['modelGroupRetryPolicy'] {
  if (node === undefined || node.kind === 'null') return undefined;
  const policies = createRecord<ErrorPolicy>();
  for (const { key, value } of readEntries(node, reading)) policies[key] = readErrorPolicy(value, 'Retries', reading) ?? {};
  return policies;
}
