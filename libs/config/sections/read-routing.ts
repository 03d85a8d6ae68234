import { AFFINITIES, type Affinity, ROUTING_STRATEGIES, type RoutingSettings } from '../settings/router-settings.ts';
import { closestKey } from '../keys/closest-key.ts';
import { ROUTING_KEYS, STRATEGY_ARGS_KEYS } from '../keys/sections.ts';
import { placeText, type Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readSecondsAsMs, readText, readTextList } from '../values.ts';
import { readSection, type Fields } from './read-section.ts';

/** LiteLLM's defaults: a measured latency counts for an hour, and only the fastest deployment is chosen. */
export const DEFAULT_ROUTING: RoutingSettings = {
  strategy: 'simple-shuffle',
  measurementsHoldMs: 3_600_000,
  latencyBuffer: 0,
  affinity: 'off',
  tagFiltering: 'off',
  checkInputLength: false,
  checkLimits: false,
};

/** Reads the part of `router_settings` that chooses among the deployments of a group, and `headrace.routing`. */
export function readRouting(router: Fields, headrace: SourceNode | undefined, reading: Reading): RoutingSettings {
  const args = readArgs(router.get('routing_strategy_args'), reading);
  const checks = readChecks(router.get('optional_pre_call_checks'), reading);
  const own = headrace === undefined ? undefined : readSection([headrace], ROUTING_KEYS, reading);
  const preCall = readBoolean(router.get('enable_pre_call_checks') ?? router.get('enable_pre_call_check'), reading) ?? false;
  return {
    strategy: readOneOf(router.get('routing_strategy'), ROUTING_STRATEGIES, 'routing strategy', reading) ?? DEFAULT_ROUTING.strategy,
    measurementsHoldMs: readSecondsAsMs(args?.get('ttl'), reading) ?? DEFAULT_ROUTING.measurementsHoldMs,
    latencyBuffer: readNumber(args?.get('lowest_latency_buffer'), { min: 0, unit: 'shares of the lowest latency' }, reading) ?? 0,
    affinity: readOneOf(own?.get('affinity'), AFFINITIES, 'affinity', reading) ?? checks.affinity,
    tagFiltering: readTagFiltering(router, reading),
    checkInputLength: preCall,
    checkLimits: preCall || checks.limits,
  };
}

function readArgs(node: SourceNode | undefined, reading: Reading): Fields | undefined {
  return node === undefined ? undefined : readSection([node], STRATEGY_ARGS_KEYS, reading);
}

function readTagFiltering(router: Fields, reading: Reading): RoutingSettings['tagFiltering'] {
  const matchAny = readBoolean(router.get('tag_filtering_match_any'), reading) ?? true;
  if (readBoolean(router.get('enable_tag_filtering'), reading) !== true) return 'off';
  return matchAny ? 'any' : 'all';
}

/** A text that names one of a few things; anything else is a problem that says which there are. */
function readOneOf<T extends string>(node: SourceNode | undefined, names: readonly T[], what: string, reading: Reading): T | undefined {
  const text = node?.kind === 'boolean' && node.text === 'false' ? 'off' : readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const found = names.find((name) => name === text);
  if (found === undefined) {
    const near = closestKey(text, names);
    reading.problem(node, `there is no ${what} "${text}"`, {
      suggestion: near === undefined ? `choose one of ${names.join(', ')}` : `did you mean "${near}"?`,
    });
  }
  return found;
}

interface Checks {
  readonly affinity: Affinity;
  readonly limits: boolean;
}

/** LiteLLM's `optional_pre_call_checks`. A stored response always goes on where it is kept, so that check needs no setting. */
const AFFINITY_CHECKS: Readonly<Record<string, Affinity | undefined>> = {
  session_affinity: 'session',
  prompt_caching: 'prefix',
  deployment_affinity: 'key',
};
const LIMIT_CHECK = 'enforce_model_rate_limits';
const ALWAYS_ON = 'responses_api_deployment_check';
const WITHOUT_EFFECT = ['router_budget_limiting', 'encrypted_content_affinity', 'forward_client_headers_by_model_group'];

function readChecks(node: SourceNode | undefined, reading: Reading): Checks {
  const names = readTextList(node, reading) ?? [];
  const known = [...Object.keys(AFFINITY_CHECKS), LIMIT_CHECK, ALWAYS_ON, ...WITHOUT_EFFECT];
  for (const name of names) {
    if (node !== undefined && WITHOUT_EFFECT.includes(name)) {
      reading.warn(`check ${name}`, `${placeText(node)}: router_settings.optional_pre_call_checks "${name}" has no effect yet`);
    } else if (node !== undefined && !known.includes(name)) {
      const near = closestKey(name, known);
      reading.problem(node, `there is no pre-call check "${name}"`, {
        suggestion: near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`,
      });
    }
  }
  // a session is the narrowest of the three, and a key the widest
  const first = Object.keys(AFFINITY_CHECKS).find((name) => names.includes(name));
  return { affinity: (first === undefined ? undefined : AFFINITY_CHECKS[first]) ?? 'off', limits: names.includes(LIMIT_CHECK) };
}
