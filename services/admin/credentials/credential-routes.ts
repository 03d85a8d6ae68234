import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { pathParam } from '../routes/path-param.ts';
import { credentialByName, credentialList, newCredential, patchCredential, removeCredential } from './change-credential.ts';
import { changedCredentialSchema, EXAMPLE_CREDENTIAL, newCredentialSchema } from './credential-fields.ts';

const tag = 'credential management';
const ONE = '/credentials/:credential_name';
const NEW: RouteSpec = {
  method: 'POST',
  url: '/credentials',
  tag,
  summary: 'Store a credential',
  description:
    'Models name it by litellm_credential_name and take from it what they do not say themselves. Secrets are sealed and never shown.',
  body: newCredentialSchema,
  example: EXAMPLE_CREDENTIAL,
};
const PATCH: RouteSpec = {
  method: 'PATCH',
  url: ONE,
  tag,
  summary: 'Change a credential',
  description: 'What is not named stays as it is; null takes a value out.',
  body: changedCredentialSchema,
  example: { credential_values: { api_key: 'os.environ/OPENAI_API_KEY_2' } },
};

/** LiteLLM's routes for what models have in common. */
export function registerCredentialRoutes(app: FastifyInstance, resources: AdminResources): void {
  const name = (params: unknown): string => pathParam(params, 'credential_name');
  defineRoute(app, NEW, ({ body, caller }) => newCredential(body, caller, resources));
  defineRoute(app, PATCH, ({ body, caller, params }) => patchCredential(name(params), body, caller, resources));
  defineRoute(app, { method: 'DELETE', url: ONE, tag, summary: 'Delete a credential' }, ({ caller, params }) =>
    removeCredential(name(params), caller, resources),
  );
  defineRoute(app, { method: 'GET', url: '/credentials', tag, summary: 'Credentials' }, () => credentialList(resources));
  const byName: RouteSpec = { method: 'GET', url: '/credentials/by_name/:credential_name', tag, summary: 'A credential' };
  defineRoute(app, byName, ({ params }) => credentialByName(name(params), resources));
}
