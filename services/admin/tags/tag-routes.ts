import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import { createTag, deleteTag, listTags, tagInfos, updateTag } from './change-tag.ts';
import * as fields from './tag-fields.ts';

const { get, post } = routeSpecs('tag management');

/** LiteLLM's paths and fields for tags with limits. */
export function registerTagRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = post('/tag/new', 'Set limits for a tag', fields.newTagSchema, { name: 'nightly', max_budget: 20, budget_duration: '1d' });
  defineRoute(app, made, ({ body, caller }) => createTag(body, caller, resources));
  const update = post('/tag/update', 'Change a tag', fields.changedTagSchema, { name: 'nightly', max_budget: 30 });
  defineRoute(app, update, ({ body, caller }) => updateTag(body, caller, resources));
  const removal = post('/tag/delete', "End a tag's limits", fields.tagNameSchema, { name: 'nightly' });
  defineRoute(app, removal, ({ body, caller }) => deleteTag(body, caller, resources));
  const info = post('/tag/info', 'Tags by name', fields.tagNamesSchema, { names: ['nightly'] });
  defineRoute(app, info, ({ body }) => tagInfos(body, resources));
  defineRoute(app, get('/tag/list', 'Tags with limits'), () => listTags(resources));
}
