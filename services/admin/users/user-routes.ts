import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import { deleteUsers, setUserBlocked, updateUser, updateUsers } from './change-user.ts';
import { createUser } from './create-user.ts';
import { availableUsers, listUsers, userInfo, userRow } from './read-users.ts';
import * as fields from './user-fields.ts';

const { get, post } = routeSpecs('user management');
const USER = { user_id: 'ada' };

/** LiteLLM's paths and fields for users. */
export function registerUserRoutes(app: FastifyInstance, resources: AdminResources): void {
  const made = post('/user/new', 'Make a user, with a key', fields.newUserSchema, { ...USER, user_role: 'internal_user', max_budget: 50 });
  defineRoute(app, made, ({ body, caller }) => createUser(body, caller, resources));
  const update = post('/user/update', 'Change a user', fields.changedUserSchema, { ...USER, max_budget: 80 });
  defineRoute(app, update, ({ body, caller }) => updateUser(body, caller, resources));
  const bulk = post('/user/bulk_update', 'Change several users', fields.bulkUsersSchema, { users: [{ ...USER, max_budget: 80 }] });
  defineRoute(app, bulk, ({ body, caller }) => updateUsers(body, caller, resources));
  const removal = post('/user/delete', 'Delete users with their keys', fields.userIdsSchema, { user_ids: ['ada'] });
  defineRoute(app, removal, async ({ body, caller }, reply) => {
    const count = await deleteUsers(body, caller, resources);
    // a bare number: only a text is sent as it is
    return reply.type('application/json; charset=utf-8').send(String(count));
  });
  for (const blocked of [true, false]) {
    const spec = post(
      blocked ? '/user/block' : '/user/unblock',
      blocked ? 'Block a user' : 'Let a user in again',
      fields.userIdSchema,
      USER,
    );
    defineRoute(app, spec, ({ body, caller }) => setUserBlocked(blocked, body, caller, resources));
  }
  const info = get('/user/info', 'A user with keys and teams', fields.userInfoSchema);
  defineRoute(app, info, ({ query, caller }) => userInfo(query, caller, resources));
  const row = get('/v2/user/info', 'A user', fields.userInfoSchema);
  defineRoute(app, row, ({ query, caller }) => userRow(query, caller, resources));
  for (const url of ['/user/list', '/user/get_users']) {
    defineRoute(app, get(url, 'Users in pages', fields.listUsersSchema), ({ query, caller }) => listUsers(query, caller, resources));
  }
  defineRoute(app, get('/user/available_users', 'How many users there are'), () => availableUsers(resources));
}
