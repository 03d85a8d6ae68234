import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { pathParam } from '../routes/path-param.ts';
import { changedAccessGroupSchema, newAccessGroupSchema } from './access-group-fields.ts';
import { accessGroupInfo, deleteAccessGroup, listAccessGroups, newAccessGroup, updateAccessGroup } from './change-access-group.ts';

const tag = 'model management';
const NEW: RouteSpec = {
  method: 'POST',
  url: '/access_group/new',
  tag,
  summary: 'Make an access group of stored models',
  description: 'Keys, teams and users that have the group in their models may use these. Models of config.yaml say it there.',
  body: newAccessGroupSchema,
  example: { access_group: 'production-models', model_names: ['agent-planner'] },
};
const UPDATE: RouteSpec = {
  method: 'PUT',
  url: '/access_group/:access_group/update',
  tag,
  summary: 'Say which stored models an access group has',
  body: changedAccessGroupSchema,
  example: { model_names: ['agent-planner'] },
};
const DELETE: RouteSpec = { method: 'DELETE', url: '/access_group/:access_group/delete', tag, summary: 'Delete an access group' };
const INFO: RouteSpec = { method: 'GET', url: '/access_group/:access_group/info', tag, summary: 'An access group' };

/** LiteLLM's routes for groups of models: what stands in `model_info.access_groups`. */
export function registerAccessGroupRoutes(app: FastifyInstance, resources: AdminResources): void {
  const group = (params: unknown): string => pathParam(params, 'access_group');
  defineRoute(app, NEW, ({ body, caller }) => newAccessGroup(body, caller, resources));
  defineRoute(app, { method: 'GET', url: '/access_group/list', tag, summary: 'Access groups' }, () => listAccessGroups(resources));
  defineRoute(app, INFO, ({ params }) => accessGroupInfo(group(params), resources));
  defineRoute(app, UPDATE, ({ body, caller, params }) => updateAccessGroup(group(params), body, caller, resources));
  defineRoute(app, DELETE, ({ caller, params }) => deleteAccessGroup(group(params), caller, resources));
}
