import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import { addManyMembers, addTeamMembers, deleteTeamMember, updateTeamMember } from './change-members.ts';
import { addPermissions, changeTeamModels, setTeamBlocked, updatePermissions, updateTeam } from './change-team.ts';
import { createTeam } from './create-team.ts';
import { deleteTeams } from './delete-teams.ts';
import { listPermissions, listTeams, ownMembership, pageOfTeams, teamInfo } from './read-teams.ts';
import * as fields from './team-fields.ts';

const { get, post } = routeSpecs('team management');

const TEAM = { team_id: 'coders' };
const MEMBER = { ...TEAM, user_id: 'ada' };

/** LiteLLM's paths and fields for teams and their members. */
export function registerTeamRoutes(app: FastifyInstance, resources: AdminResources): void {
  registerChanges(app, resources);
  registerMembers(app, resources);
  registerReads(app, resources);
}

function registerChanges(app: FastifyInstance, resources: AdminResources): void {
  const example = { ...TEAM, team_alias: 'Coders', max_budget: 100, budget_duration: '1mo', models: ['agent-planner'] };
  defineRoute(app, post('/team/new', 'Make a team', fields.newTeamSchema, example), ({ body, caller }) =>
    createTeam(body, caller, resources),
  );
  const update = post('/team/update', 'Change a team', fields.changedTeamSchema, { ...TEAM, max_budget: 200 });
  defineRoute(app, update, ({ body, caller }) => updateTeam(body, caller, resources));
  const patch: RouteSpec = {
    ...update,
    method: 'PATCH',
    url: '/team/:team_id',
    summary: 'Change the team of the path',
    example: { max_budget: 200 },
  };
  defineRoute(app, patch, ({ body, params, caller }) => updateTeam(withTeamId(body, params), caller, resources));
  const removal = post('/team/delete', 'Delete teams with their keys', fields.teamIdsSchema, { team_ids: ['coders'] });
  defineRoute(app, removal, ({ body, caller }) => deleteTeams(body, caller, resources));
  for (const blocked of [true, false]) {
    const spec = post(
      blocked ? '/team/block' : '/team/unblock',
      blocked ? 'Block a team' : 'Let a team in again',
      fields.teamIdSchema,
      TEAM,
    );
    defineRoute(app, spec, ({ body, caller }) => setTeamBlocked(blocked, body, caller, resources));
  }
  const models = { ...TEAM, models: ['agent-executor'] };
  for (const adds of [true, false]) {
    const spec = post(
      adds ? '/team/model/add' : '/team/model/delete',
      adds ? 'Give a team models' : 'Take models',
      fields.teamModelsSchema,
      models,
    );
    defineRoute(app, spec, ({ body, caller }) => changeTeamModels(adds, body, caller, resources));
  }
  const permissions = post('/team/permissions_update', 'Set what members may do with keys of the team', fields.permissionsSchema, {
    ...TEAM,
    team_member_permissions: ['/key/generate'],
  });
  defineRoute(app, permissions, ({ body, caller }) => updatePermissions(body, caller, resources));
  const bulk = post('/team/permissions_bulk_update', 'Let members of several teams do more', fields.bulkPermissionsSchema, {
    permissions: ['/key/generate'],
    apply_to_all_teams: true,
  });
  defineRoute(app, bulk, ({ body, caller }) => addPermissions(body, caller, resources));
}

function registerMembers(app: FastifyInstance, resources: AdminResources): void {
  const example = { ...TEAM, member: { role: 'user', user_id: 'ada' }, max_budget_in_team: 20 };
  const add = post('/team/member_add', 'Put users into a team', fields.memberAddSchema, example);
  defineRoute(app, add, ({ body, caller }) => addTeamMembers(body, caller, resources));
  const many = post('/team/bulk_member_add', 'Put many users into a team', fields.bulkMemberAddSchema, {
    ...TEAM,
    members: [{ role: 'user', user_id: 'ada' }],
  });
  defineRoute(app, many, ({ body, caller }) => addManyMembers(body, caller, resources));
  const update = post('/team/member_update', "Change a member's role and limits", fields.memberUpdateSchema, {
    ...MEMBER,
    max_budget_in_team: 30,
  });
  defineRoute(app, update, ({ body, caller }) => updateTeamMember(body, caller, resources));
  const removal = post('/team/member_delete', 'Take a user out of a team', fields.memberDeleteSchema, MEMBER);
  defineRoute(app, removal, ({ body, caller }) => deleteTeamMember(body, caller, resources));
}

function registerReads(app: FastifyInstance, resources: AdminResources): void {
  const info = get('/team/info', 'A team with its members, keys and spend', fields.teamInfoSchema);
  defineRoute(app, info, ({ query, caller }) => teamInfo(query, caller, resources));
  defineRoute(app, get('/team/list', 'Teams', fields.listTeamsSchema), ({ query, caller }) => listTeams(query, caller, resources));
  const pages = get('/v2/team/list', 'Teams in pages', fields.pageOfTeamsSchema);
  defineRoute(app, pages, ({ query, caller }) => pageOfTeams(query, caller, resources));
  // teams that anybody may join are a thing of LiteLLM's interface: there are none here
  defineRoute(app, get('/team/available', 'Teams that anybody may join: none'), () => []);
  const mine = get('/team/:team_id/members/me', "The caller's own place in a team");
  defineRoute(app, mine, ({ params, caller }) => ownMembership(params, caller, resources));
  const permissions = get('/team/permissions_list', 'What members may do with keys of the team', fields.teamIdSchema);
  defineRoute(app, permissions, ({ query, caller }) => listPermissions(query, caller, resources));
}

function withTeamId(body: unknown, params: unknown): unknown {
  const { team_id: id } = fields.teamIdSchema.parse(params);
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, team_id: id } : body;
}
