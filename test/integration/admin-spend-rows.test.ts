import { parse } from 'node:querystring';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminUnderTest, MASTER_KEY } from './support/admin.ts';
import { readCsv } from './support/read-csv.ts';
import { type SpendUnderTest, startSpend } from './support/spend.ts';

let admin: AdminUnderTest;
let spend: SpendUnderTest;

beforeAll(async () => {
  spend = await startSpend();
  ({ admin } = spend);
}, 60_000);
afterAll(() => spend?.admin.remove());

const get = async (path: string, as?: string) => (await admin.call(path, { as })).json;
const csv = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await admin.app.inject({ url: path, headers: { authorization: `Bearer ${MASTER_KEY}`, ...headers } });
  return { ...answer, rows: readCsv(answer.body), type: answer.headers['content-type'] };
};
const june = 'start_date=2025-06-01&end_date=2025-06-30';

describe('rows in pages', () => {
  const spends = (answer: any) => answer.data.map((row: any) => row.spend);

  test('numbered, sorted by time or by spend, with their total', async () => {
    const first = await get('/spend/logs/v2?page_size=2&sort_by=spend');
    expect(spends(first)).toEqual([40.1, 7]);
    expect(first).toMatchObject({ total: 5, page: 1, page_size: 2, total_pages: 3, total_is_at_least: false });
    expect(spends(await get('/spend/logs/v2?page_size=2&page=2&sort_by=spend'))).toEqual([0.5, 1e-12]);
    expect((await get('/spend/logs/v2?sort_order=asc')).data[0].startTime).toBe('2025-06-01T12:00:00.000Z');
  });

  test('by cursor, without gap or repeat', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await get(`/spend/logs/v2?page_size=2${cursor}`);
      seen.push(...answer.data.map((row: any) => row.request_id));
      cursor = answer.next_cursor === null ? '' : `&cursor=${answer.next_cursor}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  test.each([
    ['team_id=blue', 2],
    ['status_filter=failure', 1],
    ['status_filter=success', 4],
    ['min_spend=7&max_spend=7.0', 1],
    ['session_id=s1', 3],
    ['agent_id=coder&model=big', 1],
    ['end_user=jo, "the" one', 1],
    ['key_alias=ci', 0],
    ['tag=nightly', 3],
    ['tags=x,nothing', 3],
    ['organization_id=acme', 3],
    ['provider=two', 1],
    ['model_group=planner', 1],
    ['model_id=deployment-1', 5],
    ['error_code=upstream_timeout', 0],
  ])('narrowed by %s', async (query, total) => {
    const encoded = new URLSearchParams(parse(query) as Record<string, string>).toString();
    expect((await get(`/spend/logs/v2?${encoded}`)).total).toBe(total);
  });
});

describe('CSV', () => {
  test('of rows: all of them, with exact amounts; nothing in it is a formula', async () => {
    const answer = await csv('/spend/logs?format=csv');
    expect([answer.statusCode, answer.type]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(answer.rows).toHaveLength(5);
    expect(answer.rows.map((row) => row['spend'])).toEqual(expect.arrayContaining(['40.10', '0.000000000001', '7', '0.5', '']));
    expect(answer.rows.map((row) => row['agent_id'])).toContain("'=cmd()");
    expect(answer.rows.find((row) => row['status'] === 'failure')).toMatchObject({
      end_user: 'jo, "the" one',
      request_tags: 'nightly;x',
      startTime: '2025-06-02T12:00:00.000Z',
    });
  });

  test.each([
    ['/spend/sessions?', 3, 'session_id'],
    [`/team/daily/activity?${june}&`, 3, 'name'],
    [`/global/spend/report?${june}&group_by=model&`, 4, 'name'],
    ['/global/spend/keys?', 2, 'api_key'],
    ['/spend/tags?', 2, 'individual_request_tag'],
  ])('of %s', async (path, rows, column) => {
    for (const answer of [await csv(`${path}format=csv`), await csv(path, { accept: 'text/csv' })]) {
      expect(answer.rows).toHaveLength(rows);
      expect(answer.rows.every((row) => (row[column] ?? '') !== '')).toBe(true);
    }
  });

  test('a limit counts in CSV too', async () => {
    expect((await csv('/spend/logs?format=csv&limit=2')).rows).toHaveLength(2);
  });
});
