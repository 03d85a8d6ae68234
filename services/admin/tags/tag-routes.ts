import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { createTag, deleteTag, listTags, tagInfos, updateTag } from './change-tag.ts';
import * as fields from './tag-fields.ts';

const tag = 'tag management';
const post = (name: string, summary: string, body: RouteSpec['body'], example: unknown): RouteSpec => ({
  method: 'POST',
  url: `/tag/${name}`,
  tag,
  summary,
  body,
  example,
});

/** LiteLLM's paths and fields for tags with limits. */
export function registerTagRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = post('new', 'Set limits for a tag', fields.newTagSchema, { name: 'nightly', max_budget: 20, budget_duration: '1d' });
  defineRoute(app, made, ({ body, caller }) => createTag(body, caller, resources));
  const update = post('update', 'Change a tag', fields.changedTagSchema, { name: 'nightly', max_budget: 30 });
  defineRoute(app, update, ({ body, caller }) => updateTag(body, caller, resources));
  const removal = post('delete', "End a tag's limits", fields.tagNameSchema, { name: 'nightly' });
  defineRoute(app, removal, ({ body, caller }) => deleteTag(body, caller, resources));
  const info = post('info', 'Tags by name', fields.tagNamesSchema, { names: ['nightly'] });
  defineRoute(app, info, ({ body }) => tagInfos(body, resources));
  defineRoute(app, { method: 'GET', url: '/tag/list', tag, summary: 'Tags with limits' }, () => listTags(resources));
}
