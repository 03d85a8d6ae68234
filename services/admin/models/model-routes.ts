import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { pathParam } from '../routes/path-param.ts';
import { deleteModel, setModelBlocked, updateModel } from './change-model.ts';
import { createModel } from './create-model.ts';
import { changedModelSchema, EXAMPLE_MODEL, modelIdSchema, modelOrIdSchema, newModelSchema } from './model-fields.ts';

const ID = { id: 'planner-1' };
const CHANGE = { litellm_params: { rpm: 200 } };

const NEW: RouteSpec = {
  method: 'POST',
  url: '/model/new',
  tag: 'model management',
  summary: 'Make a model',
  description: 'It is checked like an entry of model_list and serves requests in all replicas as soon as this answers.',
  body: newModelSchema,
  example: EXAMPLE_MODEL,
};
const UPDATE: RouteSpec = {
  method: 'POST',
  url: '/model/update',
  tag: 'model management',
  summary: 'Change a model',
  description: 'What is not named stays as it is; null takes a parameter out.',
  body: changedModelSchema,
  example: { model_info: ID, ...CHANGE },
};
const PATCH: RouteSpec = { ...UPDATE, method: 'PATCH', url: '/model/:id/update', summary: 'Change a model by its id', example: CHANGE };
const DELETE: RouteSpec = {
  method: 'POST',
  url: '/model/delete',
  tag: 'model management',
  summary: 'Delete a model',
  description: 'Requests under way end with it.',
  body: modelIdSchema,
  example: ID,
};
const BLOCK: RouteSpec = {
  method: 'POST',
  url: '/model/block',
  tag: 'model management',
  summary: 'Take a model out of use',
  body: modelOrIdSchema,
  example: ID,
};

/** LiteLLM's routes for models that are stored. What they look like beside those of the file is shown by the ingress (`/model/info`). */
export function registerModelRoutes(app: FastifyInstance, resources: AdminResources): void {
  defineRoute(app, NEW, ({ body, caller }) => createModel(body, caller, resources));
  defineRoute(app, UPDATE, ({ body, caller }) => updateModel(body, caller, resources));
  defineRoute(app, PATCH, ({ body, caller, params }) => updateModel(body, caller, resources, pathParam(params, 'id')));
  defineRoute(app, DELETE, ({ body, caller }) => deleteModel(body, caller, resources));
  defineRoute(app, BLOCK, ({ body, caller }) => setModelBlocked(true, body, caller, resources));
  const unblock: RouteSpec = { ...BLOCK, url: '/model/unblock', summary: 'Use a blocked model again' };
  defineRoute(app, unblock, ({ body, caller }) => setModelBlocked(false, body, caller, resources));
}
