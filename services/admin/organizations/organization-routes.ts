import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { createOrganization, deleteOrganizations, setOrganizationBlocked, updateOrganization } from './change-organization.ts';
import * as fields from './organization-fields.ts';
import { addMembersToOrganization, deleteOrganizationPlace, updateOrganizationPlace } from './organization-members.ts';
import { listOrganizations, organizationInfo, organizationInfos } from './read-organizations.ts';

const tag = 'organization management';
const ORGANIZATION = { organization_id: 'research' };
const MEMBER = { ...ORGANIZATION, user_id: 'ada' };

type Method = RouteSpec['method'];
const route = (method: Method, name: string, summary: string, body: RouteSpec['body'], example?: unknown): RouteSpec => ({
  method,
  url: `/organization/${name}`,
  tag,
  summary,
  body,
  example,
});

/** LiteLLM's paths and fields for organizations; what it takes as PATCH or DELETE is taken as POST too. */
export function registerOrganizationRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = route('POST', 'new', 'Make an organization', fields.newOrganizationSchema, {
    ...ORGANIZATION,
    organization_alias: 'Research',
    max_budget: 1_000,
  });
  defineRoute(app, made, ({ body, caller }) => createOrganization(body, caller, resources));
  for (const method of ['PATCH', 'POST'] as const) {
    const update = route(method, 'update', 'Change an organization', fields.changedOrganizationSchema, {
      ...ORGANIZATION,
      max_budget: 2_000,
    });
    defineRoute(app, update, ({ body, caller }) => updateOrganization(body, caller, resources));
    const place = route(method, 'member_update', "Change a member's role", fields.memberUpdateSchema, { ...MEMBER, role: 'org_admin' });
    defineRoute(app, place, ({ body, caller }) => updateOrganizationPlace(body, caller, resources));
  }
  for (const method of ['DELETE', 'POST'] as const) {
    const removal = route(method, 'delete', 'Delete organizations with their teams and keys', fields.organizationIdsSchema, {
      organization_ids: ['research'],
    });
    defineRoute(app, removal, ({ body, caller }) => deleteOrganizations(body, caller, resources));
    const place = route(method, 'member_delete', 'Take a user out of an organization', fields.memberDeleteSchema, MEMBER);
    defineRoute(app, place, ({ body, caller }) => deleteOrganizationPlace(body, caller, resources));
  }
  const add = route('POST', 'member_add', 'Put users into an organization', fields.memberAddSchema, {
    ...ORGANIZATION,
    member: { user_id: 'ada' },
  });
  defineRoute(app, add, ({ body, caller }) => addMembersToOrganization(body, caller, resources));
  for (const blocked of [true, false]) {
    const [name, summary] = blocked ? ['block', 'Block an organization'] : ['unblock', 'Let an organization in again'];
    const spec = route('POST', name, summary, fields.organizationIdSchema, ORGANIZATION);
    defineRoute(app, spec, ({ body, caller }) => setOrganizationBlocked(blocked, body, caller, resources));
  }
  registerReads(app, resources);
}

function registerReads(app: FastifyInstance, resources: AdminResources): void {
  const info: RouteSpec = { method: 'GET', url: '/organization/info', tag, summary: 'An organization', query: fields.organizationIdSchema };
  defineRoute(app, info, ({ query, caller }) => organizationInfo(query, caller, resources));
  const infos = route('POST', 'info', 'Several organizations', fields.organizationInfosSchema, { organizations: ['research'] });
  defineRoute(app, infos, ({ body, caller }) => organizationInfos(body, caller, resources));
  const list: RouteSpec = {
    method: 'GET',
    url: '/organization/list',
    tag,
    summary: 'Organizations',
    query: fields.listOrganizationsSchema,
  };
  defineRoute(app, list, ({ query, caller }) => listOrganizations(query, caller, resources));
}
