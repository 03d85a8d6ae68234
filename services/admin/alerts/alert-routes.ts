import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listAlerts } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { countField } from '../spend/query-fields.ts';
import { describeAlert } from './describe-alert.ts';

const alertsSchema = z.object({ limit: countField(1_000, 100) });

/** `GET /alerts`: what was told lately, to whom, and what has not arrived. */
export function registerAlertRoutes(app: FastifyInstance, { db }: AdminResources): void {
  const spec = { method: 'GET', url: '/alerts', summary: 'Alerts of late and their deliveries', query: alertsSchema } as const;
  defineRoute(app, spec, async (request) => {
    const { limit } = parseInput(request.query, { schema: alertsSchema, place: 'query' });
    const found = await listAlerts(db, { limit });
    return {
      alerts: found.map(({ event, deliveries }) => ({
        ...event,
        at: new Date(event.at).toISOString(),
        title: describeAlert(event).title,
        deliveries: deliveries.map((one) => ({
          destination: one.destination,
          tries: one.tries,
          delivered_at: one.deliveredAt,
          given_up_at: one.givenUpAt,
          error: one.error,
        })),
      })),
    };
  });
}
