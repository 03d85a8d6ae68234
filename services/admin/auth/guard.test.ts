import fastify from 'fastify';
import { expect, test } from 'vitest';
import type { Database } from '#db';
import { createErrorHandler } from '../errors/error-reply.ts';
import { ROLES } from './caller.ts';
import { guardRoutes, requireAdminRoute, requireRole } from './guard.ts';
import { readStanding } from './standing.ts';

test('a route that nobody has decided about is refused, to the master key too', async () => {
  const app = fastify();
  app.setErrorHandler(createErrorHandler({ info() {}, warn() {}, error() {} }));
  // the master key needs no database
  guardRoutes(app, { db: {} as Database, masterKey: 'sk-master-0123456789', now: () => new Date() });
  app.get('/new/route', () => 'secret');
  const answer = await app.inject({ url: '/new/route', headers: { authorization: 'Bearer sk-master-0123456789' } });
  expect(answer.statusCode).toBe(403);
  expect(answer.json()).toMatchObject({ error: { code: 'route_access_denied', message: expect.stringContaining('is for nobody') } });
});

test('names of routes are not looked up in what objects have by themselves', () => {
  for (const [method, url] of [
    ['constructor', ''],
    ['GET', '/__proto__'],
    ['', 'toString'],
  ] as const) {
    expect(() => requireRole({ roles: new Set(ROLES) }, method, url)).toThrow(expect.objectContaining({ code: 'route_access_denied' }));
  }
});

test('a HEAD is a GET', () => {
  expect(() => requireRole({ roles: new Set(['key_holder']) }, 'HEAD', '/key/info')).not.toThrow();
  expect(() => requireRole({ roles: new Set(['key_holder']) }, 'HEAD', '/audit')).toThrow('HEAD /audit is for');
});

const team = (teamId: string, role: string, more: object = {}) => ({
  teamId,
  role,
  organizationId: undefined,
  permissions: ['/key/generate'],
  ...more,
});

test.each([
  ['a user without a role or place', { role: undefined, teams: [], organizations: [] }, ['key_holder']],
  ['an internal user', { role: 'internal_user', teams: [], organizations: [] }, ['internal_user', 'key_holder']],
  ['a member', { role: 'internal_user', teams: [team('t', 'user')], organizations: [] }, ['internal_user', 'key_holder', 'team_member']],
  [
    'a team’s admin',
    { role: 'internal_user', teams: [team('t', 'admin')], organizations: [] },
    ['internal_user', 'key_holder', 'team_admin', 'team_member'],
  ],
  [
    'an organization’s admin',
    { role: undefined, teams: [], organizations: [{ organizationId: 'o', role: 'org_admin' }] },
    ['key_holder', 'org_admin'],
  ],
  [
    'an organization’s member',
    { role: undefined, teams: [], organizations: [{ organizationId: 'o', role: 'internal_user' }] },
    ['key_holder'],
  ],
  [
    'a viewer, whatever its places',
    { role: 'internal_user_viewer', teams: [team('t', 'admin')], organizations: [{ organizationId: 'o', role: 'org_admin' }] },
    ['internal_user_viewer', 'key_holder'],
  ],
  ['the administrator', { role: 'proxy_admin', teams: [], organizations: [] }, ['key_holder', 'proxy_admin']],
] as const)('%s has the roles that follow', (_who, stored, roles) => {
  const standing = readStanding(stored);
  expect([...standing.roles].toSorted()).toEqual(roles);
  if (stored.role === 'internal_user_viewer') {
    expect(standing.teams).toMatchObject([{ teamId: 't', isAdmin: false, permissions: [] }]);
    expect(standing.organizationIds).toEqual([]);
  }
});

test.each([
  ['GET', '/key/info', '/key/info', true],
  ['GET', '/key/info?x=1', '/key/info', true],
  ['GET', '/key/%69nfo', '/key/info', true],
  ['GET', '/model/x/info', '/model/:id/info', true],
  ['POST', '/team/new', '/team/new', true],
  ['GET', '/spend/logs', '/spend/logs', true],
  ['GET', '/user/info', '/user/info', false],
] as const)('%s %s is for administrators only where the configuration keeps %s for them: %s', (method, url, route, isKept) => {
  const adminOnly = ['/key/info', '/model/:id/info', '/team/*', 'spend_tracking_routes'];
  const ask = (role: 'proxy_admin' | 'key_holder', list = adminOnly): void =>
    requireAdminRoute({ roles: new Set([role]) }, { method, url, routeOptions: { url: route } }, list);
  if (isKept) expect(() => ask('key_holder')).toThrow(expect.objectContaining({ code: 'route_access_denied' }));
  else expect(() => ask('key_holder')).not.toThrow();
  expect(() => ask('proxy_admin')).not.toThrow();
  expect(() => ask('key_holder', [])).not.toThrow();
});
