import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyAttempts } from '#db';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';
import { attemptEvent } from './support/attempt-event.ts';

let admin: AdminUnderTest;
let mine: { key: string; token: string };
let other: { key: string; token: string };
const at = (text: string) => ({ acceptedAt: Date.parse(text), startedAt: Date.parse(text), endedAt: Date.parse(text) + 500 });

beforeAll(async () => {
  admin = await startAdmin();
  mine = (await admin.call('/key/generate', { body: {} })).json;
  other = (await admin.call('/key/generate', { body: {} })).json;
  const by = { keyHash: mine.token, userId: 'u1', sessionId: 'session-1', tags: ['ci'] };
  await applyAttempts(admin.db, [
    attemptEvent({ job: 'j1', by, ...at('2025-06-01T10:00:00Z') }),
    attemptEvent({
      job: 'j1',
      attempt: 2,
      by,
      status: 'failure',
      cost: undefined,
      priceSource: 'unknown',
      errorCode: 'upstream_overloaded',
      ...at('2025-06-01T10:00:00Z'),
    }),
    attemptEvent({ job: 'j2', by, model: 'big', route: '/v1/messages', ...at('2025-06-02T23:59:59.999Z') }),
    attemptEvent({ job: 'j3', by: { keyHash: other.token }, ...at('2025-06-03T00:00:00Z') }),
  ]);
}, 30_000);
afterAll(() => admin?.remove());

const logs = async (query: string, as?: string) => (await admin.call(`/spend/logs${query}`, { as })).json;
const ids = async (query: string, as?: string) => (await logs(query, as)).map((row: any) => `${row.request_id}.${row.headrace.attempt}`);

test('every attempt is a row in the shape of a LiteLLM spend log, newest first', async () => {
  expect(await ids('')).toEqual(['j3.1', 'j2.1', 'j1.2', 'j1.1']);
  const [, other, failed, first] = await logs('');
  expect(other).toMatchObject({ call_type: 'anthropic_messages', headrace: { route: '/v1/messages' } });
  expect(first).toMatchObject({
    request_id: 'j1',
    call_type: 'acompletion',
    api_key: mine.token,
    model: 'echo',
    model_group: 'agent-planner',
    custom_llm_provider: 'sandbox',
    spend: 0.00001275,
    prompt_tokens: 40,
    completion_tokens: 7,
    total_tokens: 47,
    startTime: '2025-06-01T10:00:00.000Z',
    user: 'u1',
    session_id: 'session-1',
    request_tags: ['ci'],
    status: 'success',
    cache_hit: 'False',
    headrace: { cost: { total_usd: '0.00001275', price_source: 'config' }, tokens: { reasoning: 2 } },
  });
  expect(failed).toMatchObject({
    status: 'failure',
    spend: null,
    headrace: { error_code: 'upstream_overloaded', cost: { total_usd: null } },
  });
});

test('rows can be narrowed to a key, a user, a request and a time; an end date is part of the range', async () => {
  expect(await ids(`?api_key=${other.key}`)).toEqual(['j3.1']);
  expect(await ids(`?api_key=${other.token}`)).toEqual(['j3.1']);
  expect(await ids('?user_id=u1')).toEqual(['j2.1', 'j1.2', 'j1.1']);
  expect(await ids('?request_id=j1')).toEqual(['j1.2', 'j1.1']);
  expect(await ids('?start_date=2025-06-02&end_date=2025-06-02&summarize=false')).toEqual(['j2.1']);
  expect(await ids('?start_date=2025-06-01T12:00:00Z&end_date=2025-06-03T00:00:00Z&summarize=false')).toEqual(['j3.1', 'j2.1']);
});

test('pages follow each other without gap or repeat', async () => {
  const seen: string[] = [];
  let next = '';
  for (let pages = 0; pages < 9; pages += 1) {
    const { json, headers } = await admin.call(`/spend/logs?limit=1${next}`);
    seen.push(...json.map((row: any) => `${row.request_id}.${row.headrace.attempt}`));
    if (typeof headers['x-headrace-next-cursor'] !== 'string') break;
    next = `&cursor=${headers['x-headrace-next-cursor']}`;
  }
  expect(seen).toEqual(['j3.1', 'j2.1', 'j1.2', 'j1.1']);
});

test('dates give sums per UTC day, exact, with what has no price counted', async () => {
  expect(await logs('?start_date=2025-06-01&end_date=2025-06-03')).toMatchObject([
    {
      startTime: '2025-06-01',
      spend_usd: '0.00001275',
      attempts: 2,
      unpriced_attempts: 1,
      users: { u1: 0.00001275 },
      models: { echo: 0.00001275 },
    },
    { startTime: '2025-06-02', models: { big: 0.00001275 }, api_keys: { [mine.token]: 0.00001275 } },
    { startTime: '2025-06-03', spend: 0.00001275, prompt_tokens: 40, users: { '': 0.00001275 } },
  ]);
});

test('a virtual key sees its own rows and sums only', async () => {
  expect(await ids('', other.key)).toEqual(['j3.1']);
  expect(await ids('?user_id=u1', other.key)).toEqual([]);
  expect(await ids('?request_id=j1', other.key)).toEqual([]);
  expect(await logs('?start_date=2025-06-01', other.key)).toMatchObject([{ startTime: '2025-06-03' }]);
  const refused = await admin.call(`/spend/logs?api_key=${mine.token}`, { as: other.key });
  expect(refused).toMatchObject({ status: 403, json: { error: { code: 'route_access_denied' } } });
});

test.each([
  ['?limit=20000', 'limit'],
  ['?limit=0', 'limit'],
  ['?start_date=yesterday', 'start_date'],
  ['?end_date=2025-02-30', 'end_date'],
  ['?start_date=2025-06-02&end_date=2025-06-01', 'end_date'],
  ['?cursor=nonsense', 'cursor'],
  ['?summarize=maybe', 'summarize'],
  ['?apikey=x', 'apikey'],
])('%s is refused by name', async (query, param) => {
  expect(await admin.call(`/spend/logs${query}`)).toMatchObject({ status: 400, json: { error: { param } } });
});

test('a limit that is no number is refused in words', async () => {
  const { json } = await admin.call('/spend/logs?limit=x');
  expect(json.error.message).toBe('limit: give a number from 1 to 10000');
});
