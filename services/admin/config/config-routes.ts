import type { FastifyInstance } from 'fastify';
import { GatewayError, STORED_SECTIONS } from '#contracts';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { changeSettings, storedSettings } from './change-settings.ts';
import { deleteFallback, getFallback, setFallback } from './fallbacks.ts';
import { fallbackQuerySchema, newFallbackSchema, settingsSchema, START_SECTIONS } from './settings-fields.ts';

const TAG = 'settings';
const FALLBACK = { model: 'agent-planner', fallback_models: ['agent-planner-backup'] };

/** Settings of the router that are changed while the gateway runs. */
export function registerConfigRoutes(app: FastifyInstance, resources: AdminResources): void {
  defineRoute(
    app,
    {
      method: 'POST',
      url: '/config/update',
      tag: TAG,
      summary: 'Change settings of the router',
      description:
        'They go before those of config.yaml. Null takes a setting out; lists by model are changed for the models that are named.',
      body: settingsSchema,
      example: { router_settings: { num_retries: 3, model_group_alias: { fast: 'agent-executor' } } },
    },
    ({ body, caller }) => updateSettings(body, caller, resources),
  );
  defineRoute(
    app,
    { method: 'GET', url: '/router/settings', tag: TAG, summary: 'Settings of the router as they count now, and what of them is stored' },
    async () => {
      return { current_values: currentValues(resources), stored: await storedSettings(resources) };
    },
  );
  const model = (params: unknown): string => {
    const name: unknown = typeof params === 'object' && params !== null && 'model' in params ? params.model : undefined;
    return typeof name === 'string' ? name : '';
  };
  defineRoute(
    app,
    { method: 'POST', url: '/fallback', tag: TAG, summary: 'Set the fallbacks of a model', body: newFallbackSchema, example: FALLBACK },
    ({ body, caller }) => setFallback(body, caller, resources),
  );
  defineRoute(
    app,
    { method: 'GET', url: '/fallback/:model', tag: TAG, summary: 'The fallbacks of a model', query: fallbackQuerySchema },
    ({ params, query }) => getFallback(model(params), query, resources),
  );
  defineRoute(
    app,
    { method: 'DELETE', url: '/fallback/:model', tag: TAG, summary: 'Delete the stored fallbacks of a model', query: fallbackQuerySchema },
    ({ params, query, caller }) => deleteFallback(model(params), query, caller, resources),
  );
}

async function updateSettings(body: unknown, caller: Caller, resources: AdminResources) {
  const input = parseInput(withoutStartSections(body), { schema: settingsSchema, place: 'body' });
  const changed = STORED_SECTIONS.filter((section) => input[section] != null);
  if (changed.length === 0)
    throw new GatewayError('invalid_request', `Give ${STORED_SECTIONS.join(' or ')}.`, { param: 'router_settings' });
  for (const section of changed) await changeSettings(section, input[section] ?? {}, caller, resources);
  return { message: 'Config updated successfully', stored: await storedSettings(resources) };
}

/** LiteLLM's clients send all sections, the others empty. */
function withoutStartSections(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const sections: [string, unknown][] = Object.entries(body);
  return Object.fromEntries(
    sections.filter(([name, value]) => {
      if (!START_SECTIONS.has(name)) return true;
      if (value == null || Object.keys(value).length === 0) return false;
      const hint = name === 'model_list' ? 'Make models with POST /model/new.' : 'Set it in config.yaml.';
      throw new GatewayError('invalid_request', `${name} is read when the gateway starts. ${hint}`, { param: name });
    }),
  );
}

/** In LiteLLM's words and units. */
function currentValues({ stored }: AdminResources) {
  const { router, routing, health } = stored.config;
  return {
    routing_strategy: routing.strategy,
    num_retries: router.numRetries,
    retry_after: router.retryAfterMs / 1_000,
    timeout: router.timeoutMs / 1_000,
    fallbacks: Object.entries(router.fallbacks).map(([name, names]) => ({ [name]: names })),
    context_window_fallbacks: Object.entries(router.contextWindowFallbacks ?? {}).map(([name, names]) => ({ [name]: names })),
    content_policy_fallbacks: Object.entries(router.contentPolicyFallbacks ?? {}).map(([name, names]) => ({ [name]: names })),
    default_fallbacks: router.defaultFallbacks,
    max_fallbacks: router.maxFallbacks,
    model_group_alias: { ...router.modelGroupAlias },
    enable_tag_filtering: routing.tagFiltering !== 'off',
    enable_pre_call_checks: routing.checkInputLength,
    cooldown_time: health.cooldownMs / 1_000,
    allowed_fails: health.allowedFails ?? null,
  };
}
