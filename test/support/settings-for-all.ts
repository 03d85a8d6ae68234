import { expect } from 'vitest';
import { type RunningHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from './books.ts';
import { chat } from './chat-client.ts';

/** Entries that follow those of `model_list`, and settings of all requests. */
export const FOR_ALL_REQUESTS = `
  - model_name: sandbox/echo
    litellm_params: { model: sandbox/echo }
    model_info: { cost_per_token: 0.000001 }
litellm_settings: { include_cost_in_streaming_usage: true }
general_settings:
  always_include_stream_usage: true
  litellm_key_header_name: X-Gate-Key
  user_header_mappings: [{ header_name: X-Mail, litellm_user_role: customer }, { header_name: X-Id, litellm_user_role: internal_user }]
  reject_clientside_metadata_tags: true
  allowed_ips: [127.0.0.0/8, "::1"]
  use_x_forwarded_for: true
  public_routes: [/v1/models]
  admin_only_routes: [/key/info]
  global_max_parallel_requests: 100
`;

/** One request for each of them, over HTTP and through all services. */
export async function checkSettingsForAll(running: RunningHeadrace): Promise<void> {
  const key = await createKey(running);
  const call = (fields: object, headers: Record<string, string> = {}) =>
    chat(
      { url: running.url, key: 'of-another-gateway' },
      { model: 'sandbox/echo', messages: [{ role: 'user', content: 'hi' }], ...fields },
      { 'x-gate-key': key, ...headers },
    );
  const refusals = [
    [await call({ metadata: { tags: ['a'] } }), 400, 'metadata.tags'],
    [await call({}, { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' }), 403, null],
  ] as const;
  for (const [answer, status, param] of refusals) {
    expect([answer.status, JSON.parse(answer.text).error.param]).toEqual([status, param]);
  }
  const answer = await call({ stream: true }, { 'x-mail': 'a@b.example', 'x-id': 'u7', 'x-forwarded-for': '127.0.0.1' });
  expect(answer.text).toMatch(/"usage":\{[^\n]*"cost":0\.000005\}/);
  const [row] = await waitFor(async () => nonEmpty(await ledgerRows(running, String(answer.headers['x-headrace-job-id']))), {
    what: 'the ledger row',
  });
  expect(row).toMatchObject({ end_user: 'a@b.example', user: 'u7', status: 'success' });
  const ask = async (path: string, headers = {}) => (await fetch(new URL(path, running.url), { headers })).status;
  expect(await ask('/v1/models')).toBe(200);
  expect(await ask('/v1/providers')).toBe(401);
  expect(await ask('/key/info', { 'x-gate-key': key })).toBe(403);
  expect(await ask('/key/info', { 'x-gate-key': running.masterKey })).not.toBe(403);
  expect(await ask('/health/readiness', { 'x-forwarded-for': '203.0.113.9' })).toBe(200);
  expect(running.output()).toMatch(/public_routes: \/v1\/models is answered without a key/);
}

function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
