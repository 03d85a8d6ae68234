import type { FastifyInstance } from 'fastify';
import type { IngressResources } from '../resources.ts';

export interface AdminProbe {
  /** `connected`, or what is wrong. */
  database(): Promise<string>;
}

/**
 * Probes, without authentication. Readiness depends on the queue alone: with the database down, known keys keep working
 * (it is shown, not counted).
 */
export function registerHealthRoutes(app: FastifyInstance, resources: IngressResources, admin: AdminProbe): void {
  for (const path of ['/health/liveliness', '/health/liveness']) app.get(path, async () => "I'm alive!");
  app.get('/health/readiness', async (_request, reply) => {
    const ready = resources.bus.connected && resources.link.connected;
    const body = {
      status: ready ? 'healthy' : 'unhealthy',
      queue: ready ? 'connected' : 'disconnected',
      db: await admin.database(),
    };
    return reply.code(ready ? 200 : 503).send(body);
  });
}
