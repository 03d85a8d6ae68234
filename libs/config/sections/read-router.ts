import type { RouterSettings } from '../gateway-config.ts';
import { closestKey } from '../keys/closest-key.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readSecondsAsMs, readText, readTextList, readTimeoutMs } from '../values.ts';
import { createRecord, readAliases, readFallbacks } from './read-fallbacks.ts';
import type { Fields } from './read-section.ts';

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
  checkStrategy(router.get('routing_strategy'), reading);
  return {
    numRetries: count(router.get('num_retries'), 'retries') ?? count(litellm.get('num_retries'), 'retries') ?? DEFAULT_ROUTER.numRetries,
    retryAfterMs: readSecondsAsMs(router.get('retry_after'), reading) ?? DEFAULT_ROUTER.retryAfterMs,
    fallbacks: readFallbacks(router.get('fallbacks'), reading) ?? readFallbacks(litellm.get('fallbacks'), reading) ?? createRecord(),
    defaultFallbacks:
      readTextList(router.get('default_fallbacks'), reading) ?? readTextList(litellm.get('default_fallbacks'), reading) ?? [],
    maxFallbacks: count(router.get('max_fallbacks'), 'fallbacks') ?? DEFAULT_ROUTER.maxFallbacks,
    ...readAliases(router.get('model_group_alias'), reading),
    timeoutMs:
      readTimeoutMs(router.get('timeout'), reading) ?? readTimeoutMs(litellm.get('request_timeout'), reading) ?? DEFAULT_ROUTER.timeoutMs,
    streamTimeoutMs: readTimeoutMs(router.get('stream_timeout'), reading),
  };
}

const STRATEGIES = [
  'simple-shuffle',
  'least-busy',
  'usage-based-routing',
  'usage-based-routing-v2',
  'latency-based-routing',
  'cost-based-routing',
];

function checkStrategy(node: SourceNode | undefined, reading: Reading): void {
  const strategy = readText(node, reading);
  if (node === undefined || strategy === undefined || strategy === STRATEGIES[0]) return;
  const near = STRATEGIES.includes(strategy) ? undefined : closestKey(strategy, STRATEGIES);
  if (near === undefined) {
    const place = placeText(node);
    reading.warn('routing_strategy', `${place}: router_settings.routing_strategy "${strategy}" has no effect yet; simple-shuffle is used`);
  } else reading.problem(node, `there is no routing strategy "${strategy}"`, { suggestion: `did you mean "${near}"?` });
}
