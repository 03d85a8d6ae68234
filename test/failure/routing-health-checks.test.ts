import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { get, readBooks } from '../support/books.ts';
import { type FaultyProvider, startFaultyProvider } from '../support/faulty-provider.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** Active checks: one worker of all asks every deployment now and then, which is billed, shown, and counts. */
let provider: FaultyProvider;
let headrace: RunningHeadrace;
let second: Replica;

beforeAll(async () => {
  provider = await startFaultyProvider();
  const params = (model: string) => `{ model: openai/${model}, api_base: "${provider.url}", api_key: k }`;
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: fine, litellm_params: ${params('fine')}, model_info: { id: fine } }
  - { model_name: bad, litellm_params: ${params('bad-key-1')}, model_info: { id: bad } }
  - { model_name: left, litellm_params: ${params('left')}, model_info: { id: left, disable_background_health_check: true } }
  - { model_name: "many/*", litellm_params: ${params('*')}, model_info: { id: many, health_check_model: openai/cheap } }
  - { model_name: pictures, litellm_params: ${params('pictures')}, model_info: { id: pictures, mode: image_generation } }
general_settings: { background_health_checks: true, health_check_interval: 2 }
`,
  });
  second = await startReplica(headrace, 'worker');
});
afterAll(async () => {
  await second.stop();
  await headrace.stop();
  provider.close();
});

interface Endpoint {
  readonly model_id: string;
  readonly error?: string;
  readonly last_check?: { readonly at: string };
}

test('every deployment that may be checked is, once per interval by all workers together', async () => {
  const health = await waitFor(
    async () => {
      const answer = (await (await get(headrace, '/health')).json()) as Record<'healthy_endpoints' | 'unhealthy_endpoints', Endpoint[]>;
      return answer.unhealthy_endpoints.length === 1 && answer.healthy_endpoints.filter((one) => one.last_check).length === 2 && answer;
    },
    { what: 'the checks of three deployments' },
  );
  expect(health.unhealthy_endpoints).toMatchObject([{ model_id: 'bad', error: 'upstream_auth' }]);
  expect(health.healthy_endpoints.map((one) => [one.model_id, one.last_check !== undefined])).toEqual([
    ['fine', true],
    ['left', false],
    ['many', true],
    ['pictures', false],
  ]);
  await waitFor(() => provider.calls('fine') >= 3, { what: 'three rounds' });
  const times = provider.times('fine');
  expect(Math.min(...times.slice(1).map((at, index) => at - (times[index] ?? 0)))).toBeGreaterThan(1_000);
  expect([provider.calls('left'), provider.calls('pictures'), provider.calls('*')]).toEqual([0, 0, 0]);
  expect(provider.calls('cheap')).toBeGreaterThanOrEqual(2);
});

test('what a check cost is in the ledger', async () => {
  const made = () => provider.requests.length;
  await waitFor(async () => (await readBooks(headrace)).attempts >= 3 && made() >= 3, { what: 'the checks in the ledger' });
});

test('a deployment that recovers is shown as healthy after its next check', async () => {
  provider.heal('bad-key-1');
  await waitFor(
    async () => {
      const answer = (await (await get(headrace, '/health')).json()) as { unhealthy_count: number };
      return answer.unhealthy_count === 0;
    },
    { what: 'nobody unhealthy' },
  );
});
