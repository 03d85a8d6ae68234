import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Database, type Dimension, namesOfKeys, type SpendSum, sumSpend } from '#db';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { type CsvRow, sendCsv } from '../spend/csv-reply.ts';
import { globalBodySchema, globalSchema, type GlobalRequest, readGlobalRequest } from './global-fields.ts';
import { registerSpendReport } from './spend-report-route.ts';
import { dearestFirst } from './sum-view.ts';

const USUAL_DAYS = 30;

interface GlobalReport {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | undefined;
  readonly summary: string;
  readonly read: (asked: GlobalRequest, db: Database) => Promise<unknown>;
  /** As CSV; undefined where the answer is no table. */
  readonly columns?: readonly string[] | undefined;
}

/** LiteLLM's reports over all spend, each narrowed to what the caller may see; the last 30 days unless dates are given. */
const REPORTS: readonly GlobalReport[] = [
  { url: '/global/spend', summary: 'What was spent in all', read: readTotal },
  { url: '/global/spend/keys', summary: 'Keys by spend', read: readKeys, columns: ['api_key', 'key_alias', 'key_name', 'total_spend_usd'] },
  { url: '/spend/keys', summary: 'Keys by spend', read: readKeys, columns: ['api_key', 'key_alias', 'key_name', 'total_spend_usd'] },
  { url: '/spend/users', summary: 'Users by spend', read: list('user', 'user_id'), columns: ['user_id', 'total_spend_usd'] },
  { url: '/global/spend/teams', summary: 'Teams by day', read: readTeams },
  { url: '/global/spend/models', summary: 'Models by spend', read: list('model', 'model'), columns: ['model', 'total_spend_usd'] },
  { url: '/global/spend/provider', summary: 'Providers by spend', read: readProviders, columns: ['provider', 'spend_usd'] },
  ...(['GET', 'POST'] as const).map((method) => ({
    url: '/global/spend/end_users',
    method,
    summary: 'End users by spend',
    read: list('customer', 'end_user'),
    columns: ['end_user', 'total_count', 'total_spend_usd'],
  })),
  { url: '/global/spend/logs', summary: 'Spend by day', read: readDays, columns: ['date', 'spend_usd'] },
  { url: '/global/spend/tags', summary: 'Tags by spend', read: readTagSums },
  { url: '/spend/tags', summary: 'Tags by spend', read: readTags, columns: ['individual_request_tag', 'log_count', 'total_spend_usd'] },
  { url: '/global/activity', summary: 'Requests and tokens by day', read: readActivity },
  { url: '/global/activity/model', summary: 'Requests and tokens by model and day', read: readModelActivity },
];

export function registerGlobalRoutes(app: FastifyInstance, resources: AdminResources): void {
  const { db, now } = resources;
  for (const { url, method = 'GET', summary, read, columns } of REPORTS) {
    const input = method === 'POST' ? { body: globalBodySchema } : { query: globalSchema };
    defineRoute(app, { method, url, summary, ...input }, async (request: FastifyRequest, reply) => {
      const asked = readGlobalRequest(request, { now, usualDays: USUAL_DAYS });
      const answer = await read(asked, db);
      if (asked.csv && columns !== undefined && isTable(answer))
        return sendCsv(reply, answer, { name: url.slice(1).replaceAll('/', '-'), columns });
      return answer;
    });
  }
  registerSpendReport(app, resources);
}

function isTable(answer: unknown): answer is readonly CsvRow[] {
  return Array.isArray(answer);
}

async function readTotal({ sums }: GlobalRequest, db: Database) {
  const [total] = await sumSpend(db, { ...sums, groups: [[]] });
  return { spend: Number(total?.spendUsd ?? 0), spend_usd: total?.spendUsd ?? '0', requests: total?.attempts ?? 0 };
}

function list(dimension: Exclude<Dimension, 'day'>, label: string): GlobalReport['read'] {
  return async ({ sums, limit }, db) => {
    const found = await sumSpend(db, { ...sums, named: dimension, groups: [[dimension]] });
    return dearestFirst(found)
      .slice(0, limit)
      .map((sum) => ({ [label]: sum.names[dimension], total_count: sum.attempts, ...totalSpend(sum) }));
  };
}

async function readKeys({ sums, limit }: GlobalRequest, db: Database) {
  const found = dearestFirst(await sumSpend(db, { ...sums, groups: [['key']] })).slice(0, limit);
  const known = await namesOfKeys(
    db,
    found.map(({ names }) => names.key ?? ''),
  );
  return found.map((sum) => {
    const key = known.get(sum.names.key ?? '');
    return {
      api_key: sum.names.key,
      key_alias: key?.alias ?? null,
      key_name: key?.masked ?? null,
      team_id: key?.teamId ?? null,
      ...totalSpend(sum),
    };
  });
}

async function readTeams({ sums }: GlobalRequest, db: Database) {
  const found = await sumSpend(db, { ...sums, named: 'team', groups: [['team'], ['day', 'team']] });
  const totals = dearestFirst(found.filter(({ group }) => group === 0));
  const days = Map.groupBy(
    found.filter(({ group }) => group === 1),
    ({ names }) => names.day ?? '',
  );
  return {
    daily_spend: [...days].map(([date, ofDay]) => ({
      date,
      ...Object.fromEntries(ofDay.map((sum) => [sum.names.team ?? '', Number(sum.spendUsd)])),
    })),
    teams: totals.map(({ names }) => names.team),
    total_spend_per_team: totals.map((sum) => ({ team_id: sum.names.team, ...totalSpend(sum) })),
  };
}

async function readProviders({ sums }: GlobalRequest, db: Database) {
  const found = dearestFirst(await sumSpend(db, { ...sums, groups: [['provider']] }));
  return found.map((sum) => ({ provider: sum.names.provider, ...spend(sum) }));
}

async function readDays({ sums }: GlobalRequest, db: Database) {
  const found = await sumSpend(db, { ...sums, groups: [['day']] });
  return found.map((sum) => ({ date: sum.names.day, ...spend(sum) }));
}

async function readTags({ sums, limit }: GlobalRequest, db: Database) {
  const found = dearestFirst(await sumSpend(db, { ...sums, groups: [['tag']] })).slice(0, limit);
  return found.map((sum) => ({ individual_request_tag: sum.names.tag, log_count: sum.attempts, ...totalSpend(sum) }));
}

async function readTagSums({ sums, limit }: GlobalRequest, db: Database) {
  const found = dearestFirst(await sumSpend(db, { ...sums, groups: [['tag']] })).slice(0, limit);
  return { spend_per_tag: found.map((sum) => ({ name: sum.names.tag, log_count: sum.attempts, ...spend(sum) })) };
}

async function readActivity({ sums }: GlobalRequest, db: Database) {
  return dailyActivity(await sumSpend(db, { ...sums, groups: [['day']] }));
}

async function readModelActivity({ sums }: GlobalRequest, db: Database) {
  const found = await sumSpend(db, { ...sums, groups: [['day', 'model']] });
  return [...Map.groupBy(found, ({ names }) => names.model ?? '')].map(([model, ofModel]) => ({ model, ...dailyActivity(ofModel) }));
}

function dailyActivity(sums: readonly SpendSum[]) {
  const daily = sums.map((sum) => ({
    date: sum.names.day,
    api_requests: sum.attempts,
    total_tokens: sum.inputTokens + sum.outputTokens,
  }));
  return {
    daily_data: daily,
    sum_api_requests: daily.reduce((total, day) => total + day.api_requests, 0),
    sum_total_tokens: daily.reduce((total, day) => total + day.total_tokens, 0),
  };
}

function spend({ spendUsd }: SpendSum) {
  return { spend: Number(spendUsd), spend_usd: spendUsd };
}

function totalSpend({ spendUsd }: SpendSum) {
  return { total_spend: Number(spendUsd), total_spend_usd: spendUsd };
}
