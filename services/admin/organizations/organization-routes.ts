import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import { createOrganization, deleteOrganizations, setOrganizationBlocked, updateOrganization } from './change-organization.ts';
import * as fields from './organization-fields.ts';
import { addMembersToOrganization, deleteOrganizationPlace, updateOrganizationPlace } from './organization-members.ts';
import { listOrganizations, organizationInfo, organizationInfos } from './read-organizations.ts';

const { get, post, withBody } = routeSpecs('organization management');
const ORGANIZATION = { organization_id: 'research' };
const MEMBER = { ...ORGANIZATION, user_id: 'ada' };

/** LiteLLM's paths and fields for organizations; what it takes as PATCH or DELETE is taken as POST too. */
export function registerOrganizationRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = post('/organization/new', 'Make an organization', fields.newOrganizationSchema, {
    ...ORGANIZATION,
    organization_alias: 'Research',
    max_budget: 1_000,
  });
  defineRoute(app, made, ({ body, caller }) => createOrganization(body, caller, resources));
  for (const method of ['PATCH', 'POST'] as const) {
    const update = withBody(method)('/organization/update', 'Change an organization', fields.changedOrganizationSchema, {
      ...ORGANIZATION,
      max_budget: 2_000,
    });
    defineRoute(app, update, ({ body, caller }) => updateOrganization(body, caller, resources));
    const place = withBody(method)('/organization/member_update', "Change a member's role", fields.memberUpdateSchema, {
      ...MEMBER,
      role: 'org_admin',
    });
    defineRoute(app, place, ({ body, caller }) => updateOrganizationPlace(body, caller, resources));
  }
  for (const method of ['DELETE', 'POST'] as const) {
    const removal = withBody(method)(
      '/organization/delete',
      'Delete organizations with their teams and keys',
      fields.organizationIdsSchema,
      {
        organization_ids: ['research'],
      },
    );
    defineRoute(app, removal, ({ body, caller }) => deleteOrganizations(body, caller, resources));
    const place = withBody(method)('/organization/member_delete', 'Take a user out of an organization', fields.memberDeleteSchema, MEMBER);
    defineRoute(app, place, ({ body, caller }) => deleteOrganizationPlace(body, caller, resources));
  }
  const add = post('/organization/member_add', 'Put users into an organization', fields.memberAddSchema, {
    ...ORGANIZATION,
    member: { user_id: 'ada' },
  });
  defineRoute(app, add, ({ body, caller }) => addMembersToOrganization(body, caller, resources));
  for (const blocked of [true, false]) {
    const [name, summary] = blocked ? ['block', 'Block an organization'] : ['unblock', 'Let an organization in again'];
    const spec = post(`/organization/${name}`, summary, fields.organizationIdSchema, ORGANIZATION);
    defineRoute(app, spec, ({ body, caller }) => setOrganizationBlocked(blocked, body, caller, resources));
  }
  registerReads(app, resources);
}

function registerReads(app: FastifyInstance, resources: AdminResources): void {
  const info = get('/organization/info', 'An organization', fields.organizationIdSchema);
  defineRoute(app, info, ({ query, caller }) => organizationInfo(query, caller, resources));
  const infos = post('/organization/info', 'Several organizations', fields.organizationInfosSchema, { organizations: ['research'] });
  defineRoute(app, infos, ({ body, caller }) => organizationInfos(body, caller, resources));
  const list = get('/organization/list', 'Organizations', fields.listOrganizationsSchema);
  defineRoute(app, list, ({ query, caller }) => listOrganizations(query, caller, resources));
}
