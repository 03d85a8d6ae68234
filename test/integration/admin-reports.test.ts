import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyAttempts } from '#db';
import type { AdminUnderTest } from './support/admin.ts';
import { attemptEvent } from './support/attempt-event.ts';
import { type SpendUnderTest, startSpend } from './support/spend.ts';

let admin: AdminUnderTest;
let mine: SpendUnderTest['mine'];
let other: SpendUnderTest['other'];
let spend: SpendUnderTest;

beforeAll(async () => {
  spend = await startSpend();
  ({ admin, mine, other } = spend);
}, 60_000);
afterAll(() => spend?.admin.remove());

const get = async (path: string, as?: string) => (await admin.call(path, { as })).json;
const june = 'start_date=2025-06-01&end_date=2025-06-30';

describe('which session was it', () => {
  test('one call names the sessions by what they cost, with who ran them', async () => {
    const { sessions, has_more } = await get('/spend/sessions?min_spend=1');
    expect(has_more).toBe(false);
    expect(sessions).toMatchObject([
      {
        session_id: 's1',
        agent_id: 'coder',
        api_key: mine.token,
        key_alias: 'ci',
        team_id: 'red',
        user_id: 'u1',
        spend_usd: '40.100000000001',
        requests: 3,
        attempts: 3,
        failed_attempts: 1,
        unpriced_attempts: 1,
        prompt_tokens: 120,
        completion_tokens: 21,
        models: ['agent-planner', 'coder', 'planner'],
        first_at: '2025-06-01T12:00:00.000Z',
        last_at: '2025-06-02T12:00:00.500Z',
      },
      { session_id: 's2', spend: 7 },
    ]);
  });

  test('sessions are narrowed by days, agent, team and id, and come in pages', async () => {
    const ids = async (query: string) => (await get(`/spend/sessions?${query}`)).sessions.map((one: any) => one.session_id);
    expect(await ids('start_date=2025-06-02')).toEqual(['s2', 's3', 's1']);
    expect(await ids('agent_id=coder')).toEqual(['s1']);
    expect(await ids('team_id=blue&page_size=1')).toEqual(['s2']);
    expect(await ids('team_id=blue&page_size=1&page=2')).toEqual(['s3']);
    expect(await ids('session_id=s3')).toEqual(['s3']);
    expect(await ids('sort_by=requests')).toEqual(['s1', 's2', 's3']);
  });
});

describe('sums in the shapes of LiteLLM', () => {
  test('daily activity of teams: metrics, breakdowns and totals', async () => {
    const { results, metadata } = await get(`/team/daily/activity?${june}`);
    expect(results.map((day: any) => day.date)).toEqual(['2025-06-03', '2025-06-02', '2025-06-01']);
    expect(results[2]).toMatchObject({
      metrics: {
        spend_usd: '40.100000000001',
        api_requests: 2,
        successful_requests: 2,
        failed_requests: 0,
        total_tokens: 94,
        cache_read_input_tokens: 20,
      },
      breakdown: {
        models: { big: { metrics: { spend: 40.1 } }, small: { metrics: { spend_usd: '0.000000000001' } } },
        model_groups: { planner: {}, coder: {} },
        providers: { one: {}, two: {} },
        endpoints: { '/v1/messages': { metrics: { api_requests: 1 } } },
        api_keys: { [mine.token]: { metadata: { key_alias: 'ci' } } },
        entities: { red: { metrics: { api_requests: 2 } } },
      },
    });
    expect(results[1].metrics).toMatchObject({ failed_requests: 1, unpriced_requests: 1, spend: 0 });
    expect(metadata).toMatchObject({
      total_spend_usd: '47.600000000001',
      total_api_requests: 5,
      total_failed_requests: 1,
      page: 1,
      total_pages: 1,
      has_more: false,
    });
  });

  test('days come in pages, or all at once', async () => {
    const first = await get(`/team/daily/activity?${june}&page_size=2`);
    expect([first.results.length, first.metadata]).toMatchObject([2, { total_pages: 2, has_more: true, total_api_requests: 5 }]);
    const second = await get(`/team/daily/activity?${june}&page_size=2&page=2`);
    expect([second.results.map((day: any) => day.date), second.metadata.has_more]).toEqual([['2025-06-01'], false]);
    expect((await get(`/team/daily/activity/aggregated?${june}&page_size=1`)).results).toHaveLength(3);
  });

  test.each([
    ['/user/daily/activity?user_id=u1', ['u1'], 3],
    ['/organization/daily/activity?organization_ids=acme,none', ['acme'], 3],
    ['/customer/daily/activity?', ['jo, "the" one'], 1],
    ['/tag/daily/activity?tags=nightly', ['nightly'], 3],
    ['/agent/daily/activity?agent_ids=coder', ['coder'], 3],
    ['/team/daily/activity?exclude_team_ids=red', ['blue'], 2],
  ])('%s', async (path, entities, requests) => {
    const { results, metadata } = await get(`${path}&${june}`);
    expect([...new Set(results.flatMap((day: any) => Object.keys(day.breakdown.entities)))]).toEqual(entities);
    expect(metadata.total_api_requests).toBe(requests);
  });

  test('the report by team, customer, key, model, session', async () => {
    const report = (group: string) => get(`/global/spend/report?${june}&group_by=${group}`);
    expect((await report('team'))[0]).toMatchObject({
      group_by_day: '2025-06-01',
      teams: [
        {
          team_name: 'red',
          total_spend_usd: '40.100000000001',
          metadata: [
            { model: 'big', api_key: mine.token, spend: 40.1, total_tokens: 47 },
            { model: 'small', spend_usd: '0.000000000001' },
          ],
        },
      ],
    });
    expect(await report('customer')).toMatchObject([{ group_by_day: '2025-06-02', customers: [{ customer: 'jo, "the" one' }] }]);
    const keys = await report('api_key');
    expect(keys.find((one: any) => one.api_key === other.token)).toMatchObject({
      total_cost_usd: '7.5',
      total_input_tokens: 80,
      model_details: [{ model: 'big', total_cost: 7.5 }],
    });
    expect((await report('model'))[0].models[0]).toMatchObject({ model: 'big', metadata: [{ api_key: mine.token }] });
    expect((await report('session'))[0]).toMatchObject({ session: 's1', agent: 'coder', requests: 3 });
  });

  test.each([
    ['/global/spend', { spend_usd: '47.600000000001', requests: 5 }],
    [
      '/global/spend/keys?limit=1',
      [{ api_key: expect.any(String), key_alias: 'ci', key_name: expect.stringMatching(/^sk-\.\.\./), total_spend: 40.100000000001 }],
    ],
    ['/spend/users', [{ user_id: 'u1', total_spend_usd: '40.100000000001' }]],
    ['/global/spend/teams', { teams: ['red', 'blue'], total_spend_per_team: [{ team_id: 'red' }, { team_id: 'blue', total_spend: 7.5 }] }],
    ['/global/spend/models', [{ model: 'big', total_spend: 47.6 }, { model: 'small' }, { model: 'echo' }]],
    ['/global/spend/provider', [{ provider: 'one', spend: 40.1 }, { provider: 'sandbox', spend: 7.5 }, { provider: 'two' }]],
    ['/global/spend/end_users', [{ end_user: 'jo, "the" one', total_count: 1, total_spend: 0 }]],
    ['/global/spend/logs', [{ date: '2025-06-01' }, { date: '2025-06-02', spend: 0 }, { date: '2025-06-03', spend: 7.5 }]],
    ['/global/spend/tags', { spend_per_tag: [{ name: 'nightly', log_count: 3 }, { name: 'x' }] }],
    ['/spend/tags', [{ individual_request_tag: 'nightly', log_count: 3, total_spend: 40.100000000001 }, { individual_request_tag: 'x' }]],
    ['/global/activity', { sum_api_requests: 5, sum_total_tokens: 235, daily_data: [{ date: '2025-06-01', api_requests: 2 }, {}, {}] }],
  ])('%s, of the last 30 days', async (path, expected) => {
    expect(await get(path)).toMatchObject(expected);
  });

  test('end users by spend, as LiteLLM has it by POST', async () => {
    const ask = async (body: object) => admin.call('/global/spend/end_users', { body });
    expect((await ask({ api_key: null, startTime: '2025-06-02', endTime: '2025-06-02' })).json).toHaveLength(1);
    expect((await ask({ startTime: '2025-06-03' })).json).toEqual([]);
    expect(await ask({ start: '2025-06-03' })).toMatchObject({ status: 400, json: { error: { param: 'start' } } });
    expect(await ask({ endTime: 'tomorrow' })).toMatchObject({ status: 400, json: { error: { param: 'end_date' } } });
  });

  test('the last 30 days are those up to now: what is older is there when it is asked for', async () => {
    expect((await get('/global/spend?start_date=2025-01-01&end_date=2025-06-02')).requests).toBe(3);
    expect((await get('/global/spend?start_date=2025-06-04')).requests).toBe(0);
  });
});

describe('a key sees its own spend only, in every report', () => {
  test.each([
    ['/spend/sessions', (answer: any) => answer.sessions.length, 2],
    ['/spend/logs/v2', (answer: any) => answer.total, 2],
    ['/global/spend', (answer: any) => answer.requests, 2],
    ['/global/spend/keys', (answer: any) => answer.length, 1],
    ['/global/spend/teams', (answer: any) => answer.teams, ['blue']],
    ['/spend/tags', (answer: any) => answer.length, 0],
    ['/team/daily/activity?team_ids=red', (answer: any) => answer.results.length, 0],
    ['/agent/daily/activity', (answer: any) => answer.metadata.total_api_requests, 1],
    [`/global/spend/report?${june}`, (answer: any) => answer.flatMap((day: any) => day.teams.map((team: any) => team.team_name)), ['blue']],
  ])('%s', async (path, read, expected) => {
    expect(read(await get(path, other.key))).toEqual(expected);
  });

  test.each(['/spend/sessions', '/spend/logs/v2', '/global/spend', '/team/daily/activity'])(
    "%s of another's key is refused",
    async (path) => {
      expect(await admin.call(`${path}?api_key=${mine.token}`, { as: other.key })).toMatchObject({
        status: 403,
        json: { error: { code: 'route_access_denied', param: 'api_key' } },
      });
    },
  );
});

describe('what something costs', () => {
  const calculate = async (body: object) => admin.call('/spend/calculate', { body });

  test('an answer by its usage, in either form', async () => {
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 1_000_000 };
    const openai = await calculate({ completion_response: { model: 'gpt-4o-mini', usage } });
    expect(openai).toMatchObject({ status: 200, json: { cost: 0.75, cost_usd: '0.75', price_source: 'catalogue' } });
    const anthropic = await calculate({
      model: 'gpt-4o-mini',
      completion_response: { usage: { input_tokens: 1_000_000, output_tokens: 1_000_000 } },
    });
    expect(anthropic.json.cost).toBe(0.75);
  });

  test('a request by its messages', async () => {
    const { json } = await calculate({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'word '.repeat(1_000) }] });
    expect(json.cost).toBeGreaterThan(0.0001);
    expect(json.cost).toBeLessThan(0.0002);
  });

  test.each([
    [{ model: 'nobody-knows-this-model', messages: [] }, 'invalid_request', 'model'],
    [{ messages: [] }, 'invalid_request', 'model'],
    [{ model: 'gpt-4o' }, 'invalid_request', 'messages'],
    [
      { model: 'gpt-4o', completion_response: { usage: { prompt_tokens: -1 } } },
      'invalid_request',
      'completion_response.usage.prompt_tokens',
    ],
    [{ model: 'gpt-4o', mesages: [] }, 'invalid_request', 'mesages'],
  ])('%j is refused by name', async (body, code, param) => {
    expect(await calculate(body)).toMatchObject({ status: 400, json: { error: { code, param } } });
  });
});

test.each([
  ['/spend/sessions?min_spend=lots', 'min_spend'],
  ['/spend/sessions?min_spend=-1', 'min_spend'],
  ['/spend/sessions?sort_by=cost', 'sort_by'],
  ['/spend/sessions?page=0', 'page'],
  ['/spend/logs/v2?sort_by=colour', 'sort_by'],
  ['/spend/logs/v2?page_size=100000', 'page_size'],
  ['/spend/logs/v2?status_filter=maybe', 'status_filter'],
  ['/global/spend/report?group_by=colour', 'group_by'],
  ['/global/spend/report?start_date=2025-02-30', 'start_date'],
  ['/global/spend/report?timezone=Nowhere/Land', 'timezone'],
  ['/global/spend/report?timezone=%2B05:00', 'timezone'],
  ['/team/daily/activity?team_id=red', 'team_id'],
  ['/team/daily/activity?start_date=2025-06-02&end_date=2025-06-01', 'end_date'],
  ['/global/spend/keys?limit=x', 'limit'],
  ['/spend/tags?format=pdf', 'format'],
])('%s is refused by name', async (path, param) => {
  expect(await admin.call(path)).toMatchObject({ status: 400, json: { error: { param } } });
});

test('a time zone moves the borders of days', async () => {
  const at = Date.parse('2025-07-01T03:00:00Z');
  await applyAttempts(admin.db, [
    attemptEvent({ acceptedAt: at, startedAt: at, endedAt: at, by: { keyHash: 'z'.repeat(64), teamId: 'far' } }),
  ]);
  const days = async (zone: string) =>
    (await get(`/team/daily/activity?team_ids=far&start_date=2025-06-30&end_date=2025-07-01&timezone=${zone}`)).results.map(
      (day: any) => day.date,
    );
  expect(await days('UTC')).toEqual(['2025-07-01']);
  expect(await days('America/New_York')).toEqual(['2025-06-30']);
  expect(await days('300')).toEqual(['2025-06-30']);
});
