import type { FastifyInstance } from 'fastify';
import type { Deployment } from '#config';
import type { CheckRecord } from '#contracts';
import { listCaller } from '../auth/list-caller.ts';
import type { IngressResources } from '../resources.ts';

/** LiteLLM's shape of an endpoint, without its parameters: those of this gateway may hold secrets. */
interface HealthEndpoint {
  readonly model: string;
  readonly model_name: string;
  readonly model_id: string;
  readonly custom_llm_provider: string;
  /** Of an unhealthy one. */
  readonly error?: string | undefined;
  /** ISO 8601: out since then, and in cooldown until then. */
  readonly unhealthy_since?: string | undefined;
  readonly cooldown_until?: string | undefined;
  readonly last_check?: { readonly at: string; readonly error?: string | undefined } | undefined;
}

/**
 * `GET /health`: the deployments of the models that the caller may use, by what traffic and active checks have shown. Unlike LiteLLM's it
 * calls no provider itself: asking costs nothing.
 */
export function registerHealthRoute(app: FastifyInstance, resources: IngressResources): void {
  app.get('/health', async (request) => {
    const { mayUse } = await listCaller(request, resources);
    const { model } = request.query as { readonly model?: string };
    const shown = resources.config.deployments.filter(({ modelGroup }) => {
      return mayUse(modelGroup) && (model === undefined || modelGroup === model);
    });
    const healthy = shown.filter(({ id }) => isHealthy(id, resources)).map((deployment) => endpointOf(deployment, resources));
    const unhealthy = shown.filter(({ id }) => !isHealthy(id, resources)).map((deployment) => endpointOf(deployment, resources));
    return {
      healthy_endpoints: healthy,
      unhealthy_endpoints: unhealthy,
      healthy_count: healthy.length,
      unhealthy_count: unhealthy.length,
    };
  });
}

function isHealthy(id: string, { health, checks }: IngressResources): boolean {
  const state = health.recordOf(id)?.state ?? 'closed';
  return state === 'closed' && checks.get(id)?.error === undefined;
}

function endpointOf({ id, modelGroup, provider, upstreamModel }: Deployment, { health, checks }: IngressResources): HealthEndpoint {
  const endpoint = { model: `${provider}/${upstreamModel}`, model_name: modelGroup, model_id: id, custom_llm_provider: provider };
  const record = health.recordOf(id);
  const check = checks.get(id);
  const checked = check === undefined ? {} : { last_check: checkOf(check) };
  if (record === undefined || record.state === 'closed') {
    return check?.error === undefined ? { ...endpoint, ...checked } : { ...endpoint, ...checked, error: check.error.code };
  }
  const { since, until, code } = record;
  return { ...endpoint, ...checked, error: code, unhealthy_since: iso(since), cooldown_until: iso(until) };
}

function checkOf({ at, error }: CheckRecord): HealthEndpoint['last_check'] {
  return error === undefined ? { at: iso(at) } : { at: iso(at), error: error.message };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
