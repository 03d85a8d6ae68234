import type { FastifyInstance } from 'fastify';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { gatherMetrics } from '#bus';
import { authenticateRequest } from '../access/authenticate-request.ts';
import type { IngressResources } from '../resources.ts';

/** A process that is busy answers late: after 300 ms without a word the page is taken for complete. */
const GATHER = { timeoutMs: 1_000, quietMs: 300 };

/**
 * `GET /metrics`: this process and every other of the cluster, told apart by the labels `service` and `instance`, so that
 * one public port shows it all. Scraping processes one by one is what their probe ports are for.
 */
export function registerMetricsRoute(app: FastifyInstance, registry: Registry, resources: IngressResources): void {
  app.get('/metrics', async (request, reply) => {
    if (resources.config.litellm.requireAuthForMetrics) await authenticateRequest(request, resources, 'info');
    const gathered = await gatherMetrics(resources.link, GATHER);
    const others = gathered.filter((one) => one.instance !== resources.ingressId).map((one) => one.metrics);
    const merged = AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...others] as object[]);
    return reply.type(merged.contentType).send(await merged.metrics());
  });
}
