import { expect, it } from 'vitest';
import type { Deployment } from '#config';
import type { Candidate, JobMeta } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import { planAttempt } from './attempt-plan.ts';
import { createTargetResolver } from './upstream-target.ts';

const BODY = Buffer.from('{"model":"m","messages":[{"role":"user","content":"hi"}]}');
const META = { id: 'j1', dialect: 'openai-chat', stream: false, acceptedAt: 0, headers: {}, by: { keyHash: 'k' } } as unknown as JobMeta;
const LITERAL = (literal: string) => ({ literal });

/** A worker with one deployment, whose tokens come from `issue`. */
function worker(change: Partial<Deployment>, issue: () => Promise<Response> = () => Promise.reject(new Error('nobody is asked'))) {
  const deployment = { id: 'd1', modelGroup: 'g', extraHeaders: {}, defaultParams: {}, dropParams: false, ...change } as Deployment;
  const resources = {
    models: { deployment: () => deployment },
    targetOf: createTargetResolver({ env: {}, now: () => 0, fetch: issue, readFile: () => '' }),
    config: { litellm: { dropParams: false }, router: {}, modelGroups: {} },
  } as unknown as WorkerResources;
  return () => planAttempt(META, { modelGroup: 'g', deploymentId: 'd1' } as Candidate, BODY, resources);
}

it('a provider with a key is planned without waiting for anything', () => {
  const plan = worker({ provider: 'openai', upstreamModel: 'gpt-4o', apiKey: LITERAL('k') })();
  expect(plan).not.toBeInstanceOf(Promise);
  expect(plan).toMatchObject({ request: { path: '/v1/chat/completions', headers: { authorization: 'Bearer k' } } });
});

const WORKSPACE = {
  provider: 'databricks',
  upstreamModel: 'dbrx',
  apiBase: LITERAL('https://w.example'),
  settings: { client_id: LITERAL('c'), client_secret: LITERAL('s') },
};
const token = () => Promise.resolve(Response.json({ access_token: 'issued', expires_in: 3600 }));

it('a provider with tokens waits for the first one only', async () => {
  const plan = worker(WORKSPACE, token);
  const first = plan();
  expect(first).toBeInstanceOf(Promise);
  expect((await first).request.headers['authorization']).toBe('Bearer issued');
  expect(plan()).toMatchObject({ request: { headers: { authorization: 'Bearer issued' } } });
});

it('a header of the operator goes before the token', async () => {
  const plan = worker({ ...WORKSPACE, extraHeaders: { authorization: LITERAL('Own x') } }, token);
  expect((await plan()).request.headers['authorization']).toBe('Own x');
});

it('an attempt without credentials fails as one that may succeed elsewhere', async () => {
  const plan = worker(WORKSPACE, () => Promise.resolve(Response.json({ error: 'invalid_client' }, { status: 401 })));
  await expect(Promise.resolve(plan())).rejects.toMatchObject({
    code: 'upstream_auth',
    retry: 'elsewhere',
    message: 'A deployment is not set up: the workspace gave no token: status 401 (invalid_client).',
  });
});
