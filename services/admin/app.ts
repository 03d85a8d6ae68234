import fastify, { type FastifyInstance } from 'fastify';
import { GatewayError } from '#contracts';
import { registerAccessGroupRoutes } from './access-groups/access-group-routes.ts';
import { registerCredentialRoutes } from './credentials/credential-routes.ts';
import { registerAuditRoutes } from './audit/audit-routes.ts';
import { guardRoutes } from './auth/guard.ts';
import { registerDeadLetterRoutes } from './dead/dead-letter-routes.ts';
import { createErrorHandler, sendError } from './errors/error-reply.ts';
import { registerHealthRoutes } from './health-routes.ts';
import { registerKeyRoutes } from './keys/key-routes.ts';
import { registerConfigRoutes } from './config/config-routes.ts';
import { registerModelRoutes } from './models/model-routes.ts';
import { collectRoutes } from './openapi/collect-routes.ts';
import { registerOpenapi } from './openapi/openapi-routes.ts';
import { registerActivityRoutes } from './reports/activity-routes.ts';
import { registerGlobalRoutes } from './reports/global-routes.ts';
import type { AdminResources } from './resources.ts';
import { registerSpendRoutes } from './spend/spend-routes.ts';
import { registerAlertRoutes } from './alerts/alert-routes.ts';
import { registerBudgetRoutes } from './budgets/budget-routes.ts';
import { registerCustomerRoutes } from './customers/customer-routes.ts';
import { registerOrganizationRoutes } from './organizations/organization-routes.ts';
import { registerQueueRoutes } from './queues/queue-routes.ts';
import { registerTagRoutes } from './tags/tag-routes.ts';
import { registerTeamRoutes } from './teams/team-routes.ts';
import { registerUserRoutes } from './users/user-routes.ts';
import { registerGuardrailRoutes } from './guardrails/guardrail-routes.ts';
import { registerFeedbackRoutes } from './routing/feedback-routes.ts';
import { registerWebhookRoutes } from './webhooks/webhook-routes.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The management API. No route has a JSON schema, so that Fastify neither strips nor converts anything: each route reads
 * its own input with zod.
 */
export function createAdminApp(resources: AdminResources): FastifyInstance {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, logger: false, forceCloseConnections: 'idle' });
  const routes = collectRoutes(app);
  readEveryBodyAsJson(app);
  app.setErrorHandler(createErrorHandler(resources.log));
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, new GatewayError('route_not_found', `There is no ${request.method} ${request.url.split('?')[0]} here.`)),
  );
  registerHealthRoutes(app, resources);
  registerOpenapi(app, routes);
  void app.register(async (guarded) => {
    guardRoutes(guarded, { ...resources, adminOnlyRoutes: () => resources.stored.config.access?.adminOnlyRoutes });
    registerAuditRoutes(guarded, resources);
    registerKeyRoutes(guarded, resources);
    registerTeamRoutes(guarded, resources);
    registerUserRoutes(guarded, resources);
    registerOrganizationRoutes(guarded, resources);
    registerCustomerRoutes(guarded, resources);
    registerBudgetRoutes(guarded, resources);
    registerTagRoutes(guarded, resources);
    registerSpendRoutes(guarded, resources);
    registerGlobalRoutes(guarded, resources);
    registerActivityRoutes(guarded, resources);
    registerAlertRoutes(guarded, resources);
    registerModelRoutes(guarded, resources);
    registerAccessGroupRoutes(guarded, resources);
    registerCredentialRoutes(guarded, resources);
    registerConfigRoutes(guarded, resources);
    registerQueueRoutes(guarded, resources);
    registerDeadLetterRoutes(guarded, resources);
    registerWebhookRoutes(guarded, resources);
    registerGuardrailRoutes(guarded, resources);
    registerFeedbackRoutes(guarded, resources);
  });
  return app;
}

/** curl's `-d` says form data where it means JSON. */
function readEveryBodyAsJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const readJson = app.getDefaultJsonParser('ignore', 'ignore');
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    // many clients name a content type in every request, also in those without a body
    if (body === '' && request.method === 'DELETE') return done(null);
    return readJson(request, String(body), done);
  });
}
