import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { pathParam } from '../routes/path-param.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import { deleteKeys, deleteKeysSchema, keySchema, setKeyBlocked } from './change-keys.ts';
import { generateKey, generateServiceKey } from './generate-key.ts';
import { bulkUpdateSchema, generateKeySchema, regenerateKeySchema, teamBulkUpdateSchema, updateKeySchema } from './key-fields.ts';
import { keyInfo, keyInfoQuery, keysInfo, keysInfoSchema } from './key-info.ts';
import { keyAliases, keyAliasesQuery, listKeys, listKeysQuery } from './list-keys.ts';
import { resetKeySpend, resetSpendSchema } from './reset-spend.ts';
import { regenerateKey, rotatedKey } from './rotate-key.ts';
import { bulkUpdateKeys, bulkUpdateTeamKeys, updateKey } from './update-key.ts';

const tag = 'key management';
const { get, post } = routeSpecs(tag);
const A_KEY = { key: 'sk-…' };

/** Paths and fields as in LiteLLM's management API. */
export function registerKeyRoutes(app: FastifyInstance, resources: AdminResources): void {
  const newKey = { key_alias: 'coder', models: ['agent-planner'], max_budget: 5, budget_duration: '1d', rpm_limit: 60 };
  defineRoute(app, post('/key/generate', 'Make a key', generateKeySchema, newKey), ({ body, caller }) =>
    generateKey(body, caller, resources),
  );
  const service = post('/key/service-account/generate', 'Make a key of a team that belongs to no user', generateKeySchema, {
    team_id: 'research',
  });
  defineRoute(app, service, ({ body, caller }) => generateServiceKey(body, caller, resources));
  registerReads(app, resources);
  registerChanges(app, resources);
  registerRotation(app, resources);
}

function registerReads(app: FastifyInstance, resources: AdminResources): void {
  defineRoute(app, get('/key/info', 'A key with its limits and spend', keyInfoQuery), ({ query, caller }) =>
    keyInfo(query, caller, resources),
  );
  const many = post('/v2/key/info', 'Several keys with their limits and spend', keysInfoSchema, { keys: ['sk-…'] });
  defineRoute(app, many, ({ body, caller }) => keysInfo(body, caller, resources));
  defineRoute(app, get('/key/list', 'Keys, page by page', listKeysQuery), ({ query, caller }) => listKeys(query, caller, resources));
  defineRoute(app, get('/key/aliases', 'Aliases of keys', keyAliasesQuery), ({ query, caller }) => keyAliases(query, caller, resources));
  defineRoute(app, { method: 'POST', url: '/key/health', tag, summary: 'Whether the key that asks works' }, () => ({
    key: 'healthy',
    logging_callbacks: { callbacks: [], status: 'healthy', details: 'No logger callbacks configured.' },
  }));
}

function registerChanges(app: FastifyInstance, resources: AdminResources): void {
  const update = post('/key/update', 'Change a key; null takes a field out', updateKeySchema, { ...A_KEY, max_budget: 10 });
  defineRoute(app, update, ({ body, caller }) => updateKey(body, caller, resources));
  const bulk = post('/key/bulk_update', 'Change several keys, each by itself', bulkUpdateSchema, { keys: [{ ...A_KEY, rpm_limit: 10 }] });
  defineRoute(app, bulk, ({ body, caller }) => bulkUpdateKeys(body, caller, resources));
  const ofTeam = { team_id: 'research', all_keys_in_team: true, update_fields: { rpm_limit: 10 } };
  const teamBulk = post('/team/key/bulk_update', 'Change keys of a team, all of them or none', teamBulkUpdateSchema, ofTeam);
  defineRoute(app, teamBulk, ({ body, caller }) => bulkUpdateTeamKeys(body, caller, resources));
  const remove = post('/key/delete', 'Delete keys, all that are named or none', deleteKeysSchema, { keys: ['sk-…'] });
  defineRoute(app, remove, ({ body, caller }) => deleteKeys(body, caller, resources));
  const block = post('/key/block', 'Refuse a key until it is unblocked', keySchema, A_KEY);
  defineRoute(app, block, ({ body, caller }) => setKeyBlocked(true, body, caller, resources));
  const unblock = post('/key/unblock', 'Let a blocked key in again', keySchema, A_KEY);
  defineRoute(app, unblock, ({ body, caller }) => setKeyBlocked(false, body, caller, resources));
  const reset = post('/key/:key/reset_spend', 'Let the budgets of a key begin to count now', resetSpendSchema, { reset_to: 0 });
  defineRoute(app, reset, ({ params, body, caller }) => resetKeySpend(pathParam(params, 'key'), body, caller, resources));
}

function registerRotation(app: FastifyInstance, resources: AdminResources): void {
  const example = { ...A_KEY, grace_period: '24h' };
  const regenerate = post('/key/regenerate', 'Another secret for a key, which keeps its spend and limits', regenerateKeySchema, example);
  defineRoute(app, regenerate, ({ body, caller }) => regenerateKey(body, undefined, caller, resources));
  defineRoute(app, { ...regenerate, url: '/key/:key/regenerate', example: { grace_period: '24h' } }, ({ params, body, caller }) =>
    regenerateKey(body, pathParam(params, 'key'), caller, resources),
  );
  defineRoute(
    app,
    {
      method: 'POST',
      url: '/key/rotated',
      tag,
      summary: 'The secret that replaced the one you ask with',
      description: 'For keys with auto_rotate: the former secret works for a tenth of the interval, and fetches the new one here.',
    },
    ({ caller }) => rotatedKey(caller, resources),
  );
}
