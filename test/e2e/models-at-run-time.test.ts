import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { chat } from '../support/chat-client.ts';
import { answerWhole } from '../support/openai-answers.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Models that are made, changed and deleted over HTTP while two ingresses and two workers run. */
const SALT = 'salt-of-this-test-0123456789';
const SECRET = 'sk-upstream-SECRET-0a1b2c3d4e5f';
const CHANGED_SECRET = 'sk-upstream-CHANGED-9f8e7d6c5b4a';
const HEADER_SECRET = 'header-SECRET-77aa88bb99cc';

let headrace: RunningHeadrace;
let second: Replica;
let worker: Replica;
let provider: ScriptedProvider;
let key: string;
const shown: string[] = [];

beforeAll(async () => {
  provider = await startScriptedProvider((_request, response) => answerWhole(response, 'from the new model'));
  headrace = await startHeadrace({ whole: true, env: { HEADRACE_SALT_KEY: SALT } });
  [second, worker] = await Promise.all([startReplica(headrace, 'ingress'), startReplica(headrace, 'worker', { HEADRACE_SALT_KEY: SALT })]);
  key = await createKey(headrace);
}, 60_000);
afterAll(async () => {
  await Promise.all([second?.stop(), worker?.stop()]);
  await headrace?.stop();
  provider?.close();
});

const manage = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(new URL(path, headrace.url), {
    method,
    headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  shown.push(text);
  return { status: answer.status, json: JSON.parse(text) };
};
const ask = (url: string, model: string) => chat({ url, key }, { model, messages: [{ role: 'user', content: 'hello' }] });
const ingresses = () => [headrace.url, second.url];

/** Polls both ingresses until they answer with that status. */
async function bothAnswer(model: string, status: number): Promise<void> {
  for (const url of ingresses()) {
    await waitFor(async () => (await ask(url, model)).status === status, {
      what: `${model} to be answered with ${status}`,
      timeoutMs: 5_000,
      intervalMs: 20,
    });
  }
}

const MODEL = {
  model_name: 'made-later',
  model_info: { id: 'made-later-1', access_groups: ['agents'] },
};

test('a model made over HTTP serves requests at every ingress, by a provider that no pool was open for', async () => {
  expect((await ask(headrace.url, 'made-later')).status).toBe(404);
  const made = await manage('POST', '/model/new', {
    ...MODEL,
    litellm_params: {
      model: 'hosted_vllm/one',
      api_base: provider.url,
      api_key: SECRET,
      extra_headers: { 'x-extra': HEADER_SECRET },
      input_cost_per_token: 0.000001,
      output_cost_per_token: 0.000002,
    },
  });
  expect(made.status).toBe(200);
  expect(made.json).toMatchObject({
    model_id: 'made-later-1',
    model_name: 'made-later',
    model_info: { id: 'made-later-1', db_model: true },
  });
  await bothAnswer('made-later', 200);
  const [call] = provider.requests;
  expect(call?.headers['authorization']).toBe(`Bearer ${SECRET}`);
  expect(call?.headers['x-extra']).toBe(HEADER_SECRET);
});

test('it is listed beside the models of the file, with its price and without its secrets', async () => {
  const { json } = await manage('GET', '/model/info?litellm_model_id=made-later-1');
  expect(json.data).toHaveLength(1);
  expect(json.data[0]).toMatchObject({
    model_name: 'made-later',
    litellm_params: { model: 'hosted_vllm/one', custom_llm_provider: 'hosted_vllm' },
    model_info: { id: 'made-later-1', db_model: true, access_groups: ['agents'], input_cost_per_token: 0.000001 },
  });
  expect((await manage('GET', '/v2/model/info?size=1&page=1&search=made-later')).json).toMatchObject({
    data: [{ model_name: 'made-later' }],
    total_count: 1,
    current_page: 1,
    total_pages: 1,
    size: 1,
  });
  expect((await manage('GET', '/model_group/info?model_group=made-later')).json.data[0]).toMatchObject({ providers: ['hosted_vllm'] });
});

test('a changed key is used from the next call on, and what was not named stays', async () => {
  const changed = await manage('PATCH', '/model/made-later-1/update', { litellm_params: { api_key: CHANGED_SECRET } });
  expect(changed.status).toBe(200);
  expect(changed.json.litellm_params).toMatchObject({ model: 'hosted_vllm/one', input_cost_per_token: 0.000001 });
  await waitFor(
    async () => {
      await ask(headrace.url, 'made-later');
      const last = provider.requests.at(-1);
      return last?.headers['authorization'] === `Bearer ${CHANGED_SECRET}` && last.headers['x-extra'] === HEADER_SECRET;
    },
    { what: 'the changed key', timeoutMs: 5_000 },
  );
});

test('a model takes from the credential that it names what it does not say itself, and follows its changes', async () => {
  const credential = { credential_name: 'shared', credential_values: { api_key: SECRET, api_base: provider.url }, credential_info: {} };
  expect((await manage('POST', '/credentials', credential)).status).toBe(200);
  const params = { model: 'hosted_vllm/two', litellm_credential_name: 'shared', input_cost_per_token: 0, output_cost_per_token: 0 };
  expect((await manage('POST', '/model/new', { model_name: 'by-credential', litellm_params: params })).status).toBe(200);
  await bothAnswer('by-credential', 200);
  expect(provider.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${SECRET}`);
  expect((await manage('PATCH', '/credentials/shared', { credential_values: { api_key: CHANGED_SECRET } })).status).toBe(200);
  await waitFor(
    async () => {
      await ask(headrace.url, 'by-credential');
      return provider.requests.at(-1)?.headers['authorization'] === `Bearer ${CHANGED_SECRET}`;
    },
    { what: 'the changed credential', timeoutMs: 5_000 },
  );
});

test('a worker that starts later has it too', async () => {
  await headrace.kill('worker');
  await worker.kill();
  worker = await startReplica(headrace, 'worker', { HEADRACE_SALT_KEY: SALT });
  expect((await ask(headrace.url, 'made-later')).status).toBe(200);
});

test('limits that are set later give it a queue of its own, and it is served from there', async () => {
  expect((await manage('PATCH', '/model/made-later-1/update', { litellm_params: { rpm: 1_000, max_parallel_requests: 2 } })).status).toBe(
    200,
  );
  const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => ask(ingresses()[at % 2] ?? '', 'made-later')));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
});

test('an alias and a fallback that are set over HTTP count at once', async () => {
  expect((await manage('POST', '/config/update', { router_settings: { model_group_alias: { quick: 'made-later' } } })).status).toBe(200);
  await bothAnswer('quick', 200);
  expect((await manage('POST', '/fallback', { model: 'sandbox/echo', fallback_models: ['made-later'] })).status).toBe(200);
  const settings = await manage('GET', '/router/settings');
  expect(settings.json.current_values).toMatchObject({
    model_group_alias: { quick: 'made-later' },
    fallbacks: [{ 'sandbox/echo': ['made-later'] }],
  });
  expect((await manage('DELETE', '/fallback/sandbox%2Fecho')).status).toBe(200);
  await waitFor(async () => (await manage('GET', '/router/settings')).json.current_values.fallbacks.length === 0, { what: 'no fallback' });
});

test('a blocked model is shown and not used, until it is unblocked', async () => {
  expect((await manage('POST', '/model/block', { id: 'made-later-1' })).json.model_info.blocked).toBe(true);
  await bothAnswer('made-later', 404);
  const { json } = await manage('GET', '/model/info?litellm_model_id=made-later-1');
  expect(json.data[0]).toMatchObject({ model_name: 'made-later', model_info: { blocked: true } });
  expect((await manage('POST', '/model/unblock', { id: 'made-later-1' })).status).toBe(200);
  await bothAnswer('made-later', 200);
});

test("a team's own model goes before one of its name that everybody has, and nobody else gets it", async () => {
  const ofTeam = await startScriptedProvider((_request, response) => answerWhole(response, 'of the team'));
  try {
    expect((await manage('POST', '/team/new', { team_id: 'red' })).status).toBe(200);
    const teamKey = await createKey(headrace, { team_id: 'red' });
    const made = await manage('POST', '/model/new', {
      model_name: 'made-later',
      litellm_params: { model: 'hosted_vllm/own', api_base: ofTeam.url, api_key: SECRET },
      model_info: { id: 'of-red', team_id: 'red' },
    });
    expect(made.status).toBe(200);
    const asTeam = (url: string, model: string) => chat({ url, key: teamKey }, { model, messages: [{ role: 'user', content: 'hello' }] });
    for (const url of ingresses()) {
      await waitFor(async () => (await asTeam(url, 'made-later')).text.includes('of the team'), {
        what: 'the model of the team',
        timeoutMs: 5_000,
      });
      expect((await ask(url, 'made-later')).text).toContain('from the new model');
      expect((await ask(url, 'team-model:red/made-later')).status).toBe(403);
    }
    const list = await fetch(new URL('/v1/models', headrace.url), { headers: { authorization: `Bearer ${key}` } });
    expect(await list.text()).not.toContain('team-model');
    expect((await manage('POST', '/model/delete', { id: 'of-red' })).status).toBe(200);
  } finally {
    ofTeam.close();
  }
});

test('a call that is under way ends with the model it began with, and a new one does not find it', async () => {
  const held: (() => void)[] = [];
  // the first call alone waits
  const slow = await startScriptedProvider((_request, response) => {
    if (held.length === 0) held.push(() => answerWhole(response, 'late'));
    else answerWhole(response, 'at once');
  });
  try {
    const made = await manage('POST', '/model/new', {
      model_name: 'short-lived',
      litellm_params: { model: 'openai/short', api_base: slow.url, api_key: SECRET },
    });
    const call = await waitFor(
      async () => {
        const running = ask(headrace.url, 'short-lived');
        const status = await Promise.race([running.then((answer) => answer.status), waitFor(() => held.length > 0, { what: 'the call' })]);
        return status === 404 ? false : { running };
      },
      { what: 'the model to be there', timeoutMs: 5_000 },
    );
    expect((await manage('POST', '/model/delete', { id: made.json.model_id })).status).toBe(200);
    await bothAnswer('short-lived', 404);
    for (const answer of held) answer();
    expect((await call.running).status).toBe(200);
  } finally {
    slow.close();
  }
});

test('the API document and its page are there at the public port, without a key', async () => {
  const document = await fetch(new URL('/openapi.json', headrace.url));
  expect(await document.json()).toMatchObject({ openapi: '3.1.0', paths: { '/model/new': { post: {} } } });
  for (const path of ['/', '/docs', '/docs/static/swagger-ui-bundle.js']) {
    expect((await fetch(new URL(path, headrace.url))).status, path).toBe(200);
  }
});

test('a deleted model is unknown at every ingress', async () => {
  expect((await manage('POST', '/config/update', { router_settings: { model_group_alias: null } })).status).toBe(200);
  expect((await manage('POST', '/model/delete', { id: 'made-later-1' })).status).toBe(200);
  await bothAnswer('made-later', 404);
});

test('no secret is in clear in any answer, log, stream, bucket or table', async () => {
  const secrets = [SECRET, CHANGED_SECRET, HEADER_SECRET];
  for (const text of [...shown, headrace.output()]) for (const secret of secrets) expect(text).not.toContain(secret);
  const found: string[] = [];
  let bytes = 0;
  for (const file of await readdir(headrace.dataDir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    bytes += content.length;
    for (const secret of [...secrets, SALT]) if (content.includes(secret)) found.push(path);
  }
  expect(found).toEqual([]);
  // Postgres' files and write-ahead log and the streams of NATS are among them
  expect(bytes).toBeGreaterThan(10_000_000);
});
