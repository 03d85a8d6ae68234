import type { RouteSpec } from '../routes/define-route.ts';

const MODELS = 'model management';
const HEALTH = 'health';

/** Routes under the same address that the ingress answers itself: they work with the database down. */
export const GATEWAY_ROUTES: readonly RouteSpec[] = [
  { method: 'GET', url: '/v1/models', tag: MODELS, summary: 'Models that the key may use, in OpenAI’s shape' },
  { method: 'GET', url: '/model/info', tag: MODELS, summary: 'Deployments that the key may use: those of config.yaml and stored ones' },
  { method: 'GET', url: '/v2/model/info', tag: MODELS, summary: 'The same in pages, searched and sorted' },
  { method: 'GET', url: '/model_group/info', tag: MODELS, summary: 'Models by group: providers, prices, limits' },
  {
    method: 'POST',
    url: '/v1/route',
    tag: MODELS,
    summary: 'The plan of a chat request, without running it: candidates with what they are expected to cost',
  },
  { method: 'GET', url: '/v1/providers', tag: MODELS, summary: 'Providers that deployments may have' },
  { method: 'GET', url: '/health', tag: HEALTH, summary: 'Deployments by health' },
  {
    method: 'GET',
    url: '/metrics',
    tag: HEALTH,
    summary: 'Metrics of all processes, for Prometheus',
    replyType: 'text/plain',
    isPublic: true,
  },
];
