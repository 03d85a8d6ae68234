import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get, ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer, type ChatTarget, readStream } from '../support/chat-client.ts';
import { type Fault, type FaultyProvider, FAULTS, startFaultyProvider } from '../support/faulty-provider.ts';

/** An agent's session survives whatever one provider does before its first word: another deployment answers, and the ledger has both. */
let provider: FaultyProvider;
let headrace: RunningHeadrace;
let target: ChatTarget;

/** The faulty one is always asked first while it is not in cooldown. */
const pair = (group: string, model: string, base: string) => `
  - { model_name: ${group}, litellm_params: { model: openai/${model}, api_base: "${base}", api_key: k, weight: 1 }, model_info: { id: ${group}-1 } }
  - { model_name: ${group}, litellm_params: { model: openai/healthy-${group}, api_base: "${provider.url}", api_key: k, weight: 0 }, model_info: { id: ${group}-2 } }`;
const single = (group: string, model = group) => `
  - { model_name: ${group}, litellm_params: { model: openai/${model}, api_base: "${provider.url}", api_key: k }, model_info: { id: ${group}-1 } }`;

beforeAll(async () => {
  provider = await startFaultyProvider();
  const faults = (Object.keys(FAULTS) as Fault[]).map((fault) => pair(`pair-${fault}`, fault, provider.url));
  const streamed = (Object.keys(FAULTS) as Fault[]).map((fault) => pair(`stream-${fault}`, `${fault}-1`, provider.url));
  headrace = await startHeadrace({
    config: `
model_list:${faults.join('')}${streamed.join('')}${pair('pair-nobody', 'nobody', 'http://127.0.0.1:1/v1')}
${single('own', 'broken-20')}${single('client-pick', 'picked')}${single('limited-only', 'limited-30')}
${single('dead-a', 'broken-40')}${single('spare')}${single('long-window')}${single('safe')}
${single('strict', 'too-long-5')}${single('filtered', 'refused-5')}
  - { model_name: all-dead, litellm_params: { model: openai/broken-50, api_base: "${provider.url}", api_key: k } }
  - { model_name: all-dead, litellm_params: { model: openai/x, api_base: "http://127.0.0.1:1/v1", api_key: k } }
  - { model_name: all-limited, litellm_params: { model: openai/limited-60, api_base: "${provider.url}", api_key: k } }
  - { model_name: all-limited, litellm_params: { model: openai/limited-61, api_base: "${provider.url}", api_key: k } }
  - { model_name: half, litellm_params: { model: openai/broken-70, api_base: "${provider.url}", api_key: k } }
  - { model_name: half, litellm_params: { model: openai/x, api_base: "http://127.0.0.1:1/v1", api_key: k } }
  - { model_name: half, litellm_params: { model: openai/half-1, api_base: "${provider.url}", api_key: k } }
  - { model_name: half, litellm_params: { model: openai/half-2, api_base: "${provider.url}", api_key: k } }
router_settings:
  num_retries: 2
  cooldown_time: 60
  fallbacks: [{ dead-a: [spare] }, { strict: [spare] }, { filtered: [spare] }]
  context_window_fallbacks: [{ strict: [long-window] }]
  content_policy_fallbacks: [{ filtered: [safe] }]
`,
  });
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

const ask = (model: string, more: object = {}, headers?: Record<string, string>, to = target) =>
  chat(to, { model, messages: [{ role: 'user', content: 'Hello there' }], ...more }, headers);
const contentOf = (answer: ChatAnswer) => JSON.parse(answer.text).choices[0].message.content;
const errorOf = (answer: ChatAnswer) => JSON.parse(answer.text).error;

/** How the attempts of a request ended, from the ledger. */
async function attemptsOf(answer: ChatAnswer, count: number): Promise<string[]> {
  const rows = await waitFor(
    async () => {
      const found = await ledgerRows(headrace, String(answer.headers['x-headrace-job-id']));
      return found.length >= count && found;
    },
    { what: `${count} attempts in the ledger` },
  );
  return rows.map(({ headrace: { error_code: code }, status }) => (typeof code === 'string' ? code : status));
}

const CASES: readonly (readonly [Fault | 'nobody', string])[] = [
  ['limited-with-wait', 'upstream_rate_limited'],
  ['limited', 'upstream_rate_limited'],
  ['overloaded', 'upstream_overloaded'],
  ['broken', 'upstream_error'],
  ['bad-key', 'upstream_auth'],
  ['no-quota', 'upstream_quota'],
  ['reset', 'upstream_unreachable'],
  ['reset-after-head', 'upstream_truncated'],
  ['html', 'upstream_invalid_response'],
  ['nobody', 'upstream_unreachable'],
];

describe('when the first deployment fails, the second answers', () => {
  test.each(CASES)('%s', async (fault, code) => {
    const answer = await ask(`pair-${fault}`);
    expect([answer.status, contentOf(answer)]).toEqual([200, `healthy-pair-${fault}`]);
    expect(answer.headers).toMatchObject({
      'x-headrace-attempts': '2',
      'x-headrace-previous-error': code,
      'x-litellm-attempted-retries': '1',
      'x-litellm-attempted-fallbacks': '0',
    });
    expect(await attemptsOf(answer, 2)).toEqual([code, 'success']);
  });

  test.each([
    ['error-event', 'upstream_overloaded'],
    ['reset-after-head', 'upstream_truncated'],
    ['html', 'upstream_invalid_response'],
    ['overloaded', 'upstream_overloaded'],
  ])('to a stream: %s', async (fault, code) => {
    const answer = await ask(`stream-${fault}`, { stream: true });
    expect(readStream(answer.text)).toMatchObject({ text: `healthy-stream-${fault}`, finishReason: 'stop', done: true, error: undefined });
    expect(await attemptsOf(answer, 2)).toEqual([code, 'success']);
  });
});

describe('a deployment in cooldown', () => {
  test.each(['limited', 'bad-key', 'no-quota'] as const)(
    'is not asked again after %s, and the answer comes from the first attempt',
    async (fault) => {
      const before = provider.calls(fault);
      expect(before).toBe(1);
      for (let turn = 0; turn < 5; turn += 1) {
        const answer = await ask(`pair-${fault}`);
        expect(answer.headers).toMatchObject({ 'x-headrace-attempts': '1', 'x-headrace-deployment': `pair-${fault}-2` });
      }
      expect(provider.calls(fault)).toBe(before);
    },
  );

  test('is one of its own: its provider’s others are asked', async () => {
    expect((await ask('spare')).status).toBe(200);
  });

  test('is shown by /health', async () => {
    const answer = await get(headrace, '/health');
    const health = (await answer.json()) as Record<'healthy_endpoints' | 'unhealthy_endpoints', { model_id: string }[]>;
    expect(health.unhealthy_endpoints.map((one) => one.model_id)).toContain('pair-bad-key-1');
    expect(health.healthy_endpoints.map((one) => one.model_id)).toContain('pair-bad-key-2');
  });
});

describe('a refused request', () => {
  test('is not tried again, and puts nobody out', async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      const answer = await ask('pair-bad-request');
      expect([answer.status, answer.headers['x-headrace-deployment']]).toEqual([400, 'pair-bad-request-1']);
      expect(await attemptsOf(answer, 1)).toEqual(['upstream_bad_request']);
    }
  });

  test.each([
    ['strict', 'long-window', 'context_length_exceeded'],
    ['filtered', 'safe', 'content_policy_violation'],
  ])('of %s goes straight to %s', async (model, fallback, code) => {
    const answer = await ask(model);
    expect([answer.status, contentOf(answer)]).toEqual([200, fallback]);
    expect(answer.headers).toMatchObject({
      'x-headrace-fallback': fallback,
      'x-headrace-previous-error': code,
      'x-litellm-attempted-fallbacks': '1',
    });
    expect(await attemptsOf(answer, 2)).toEqual([code, 'success']);
  });
});

describe('with everybody dead', () => {
  test('the answer is 503 with Retry-After in under a second, never 429', async () => {
    const first = await ask('all-dead');
    expect([502, 503]).toContain(first.status);
    await waitFor(async () => (await ask('all-dead')).status === 503, { what: 'both to be out' });
    const calls = provider.calls('broken-50');
    for (let turn = 0; turn < 10; turn += 1) {
      const startedAt = performance.now();
      const answer = await ask('all-dead');
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect([answer.status, errorOf(answer).type, errorOf(answer).code]).toEqual([503, 'no_healthy_deployment', 'no_healthy_deployment']);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(provider.calls('broken-50')).toBe(calls);
  });

  test('so it is by rate limits, for a request that has not the time to wait for their end', async () => {
    const short = { 'x-headrace-deadline-ms': '3000' };
    await ask('all-limited', {}, short);
    const startedAt = performance.now();
    const answer = await ask('all-limited', {}, short);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'no_healthy_deployment']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(provider.calls('limited-60') + provider.calls('limited-61')).toBe(2);
  });
});

test('half of the deployments dead from the start: no request fails, and the dead are left alone', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask('half')));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const calls = provider.calls('broken-70');
  const later = await Promise.all(Array.from({ length: 60 }, () => ask('half')));
  expect(later.filter(({ status, headers }) => status !== 200 || headers['x-headrace-attempts'] !== '1')).toEqual([]);
  expect(provider.calls('broken-70')).toBe(calls);
});

describe('a request’s own settings', () => {
  test('num_retries counts, as a field and as a header', async () => {
    const withField = await ask('own', { num_retries: 0 });
    expect([withField.status, withField.headers['x-headrace-attempts']]).toEqual([502, '1']);
    const withHeader = await ask('own', {}, { 'x-litellm-num-retries': '0' });
    expect(withHeader.headers['x-headrace-attempts']).toBe('1');
    const usual = await ask('own');
    expect(usual.headers['x-headrace-attempts']).toBe('3');
    expect(await attemptsOf(usual, 3)).toEqual(['upstream_error', 'upstream_error', 'upstream_error']);
  });

  test('fallbacks go before those of the configuration, and may change the request', async () => {
    const answer = await ask('own', {
      num_retries: 0,
      fallbacks: [{ model: 'client-pick', messages: [{ role: 'user', content: 'shorter' }] }],
    });
    expect([answer.status, contentOf(answer), answer.headers['x-headrace-fallback']]).toEqual([200, 'picked', 'client-pick']);
    const sent = JSON.parse(provider.requests.findLast(({ body }) => body.includes('"picked"'))?.body.toString() ?? '{}');
    expect(sent).toEqual({ model: 'picked', messages: [{ role: 'user', content: 'shorter' }] });
  });

  test('disable_fallbacks leaves the job to its own group', async () => {
    const without = await ask('dead-a', { num_retries: 0, disable_fallbacks: true });
    expect(without.status).toBe(502);
    const answer = await ask('dead-a', { num_retries: 0 });
    expect([answer.status, contentOf(answer)]).toEqual([200, 'spare']);
  });

  test('a key falls back only to models it may use', async () => {
    const key = await createKey(headrace, { models: ['own'] });
    const answer = await ask('own', { fallbacks: ['spare'] }, undefined, { url: headrace.url, key });
    expect([answer.status, errorOf(answer).code]).toEqual([403, 'model_access_denied']);
  });

  test.each([
    ['num_retries', { num_retries: -1 }],
    ['num_retries', { num_retries: 'many' }],
    ['fallbacks', { fallbacks: 'spare' }],
    ['fallbacks[1]', { fallbacks: ['spare', 7] }],
    ['max_fallbacks', { max_fallbacks: 0.5 }],
    ['context_window_fallback_dict', { context_window_fallback_dict: ['spare'] }],
  ])('%s that makes no sense is refused by name', async (param, fields) => {
    const answer = await ask('own', fields);
    expect([answer.status, errorOf(answer).param]).toEqual([400, param]);
  });
});

test('the only deployment of a group is asked again after a rate limit', async () => {
  const answer = await ask('limited-only');
  expect([answer.status, errorOf(answer).code]).toEqual([429, 'upstream_rate_limited']);
  provider.heal('limited-30');
  expect((await ask('limited-only')).status).toBe(200);
});
