import type { FastifyInstance } from 'fastify';
import type { AdminResources } from './resources.ts';

/** Health without a key, for probes. `db` is LiteLLM's word for the database check. */
export function registerHealthRoutes(app: FastifyInstance, { health }: Pick<AdminResources, 'health'>): void {
  app.get('/health/liveliness', () => "I'm alive!");
  app.get('/health/readiness', async (_request, reply) => {
    const { ready, checks } = await health.report();
    void reply.code(ready ? 200 : 503);
    return { status: ready ? 'connected' : 'disconnected', db: checks['database'] === 'up' ? 'connected' : 'disconnected', checks };
  });
}
