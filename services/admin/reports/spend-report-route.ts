import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Database, type Dimension, listSessions, namesOfKeys, type SpendSum, sumSpend } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { sendCsv } from '../spend/csv-reply.ts';
import { type GlobalRequest, globalSchema, toGlobalRequest } from './global-fields.ts';
import { dearestFirst } from './sum-view.ts';

const GROUPS = ['team', 'customer', 'api_key', 'user', 'organization', 'model', 'provider', 'session', 'agent', 'tag'] as const;
type Group = (typeof GROUPS)[number];

const reportSchema = globalSchema.extend({
  group_by: z.enum(GROUPS, { error: `give one of ${GROUPS.join(', ')}` }).default('team'),
});

const USUAL_DAYS = 30;
const CSV_COLUMNS = ['day', 'name', 'model', 'api_key', 'spend_usd', 'requests', 'prompt_tokens', 'completion_tokens'];

/** `GET /global/spend/report`: by day and group where LiteLLM has days (team, customer and our own groups), by key alone where it has none. */
export function registerSpendReport(app: FastifyInstance, resources: AdminResources): void {
  const { db, now } = resources;
  const spec = {
    method: 'GET',
    url: '/global/spend/report',
    summary: 'Spend by team, customer, key, model …',
    query: reportSchema,
  } as const;
  defineRoute(app, spec, async (request, reply) => {
    const { group_by: group, ...asked } = parseInput(request.query, { schema: reportSchema, place: 'query' });
    const report = toGlobalRequest(request, asked, { now, usualDays: USUAL_DAYS });
    if (group === 'session') return sessionReport(report, db);
    const dimension: Dimension = group === 'api_key' ? 'key' : group;
    const groups: Dimension[][] = [['day', dimension, ...detail(dimension)]];
    const sums = await sumSpend(db, { ...report.sums, groups });
    if (report.csv) return sendCsv(reply, csvRows(sums, dimension), { name: 'spend-report', columns: CSV_COLUMNS });
    return group === 'api_key' ? keyReport(sums, db) : dayReport(sums, group, dimension);
  });
}

/** What each group is broken down by; a group is not broken down by itself. */
function detail(dimension: Dimension): Dimension[] {
  return (['model', 'key'] as const).filter((one) => one !== dimension);
}

interface NamedSums {
  readonly name: string;
  readonly sums: readonly SpendSum[];
}

function byName(sums: readonly SpendSum[], dimension: Dimension): NamedSums[] {
  const names = new Map<string, SpendSum[]>();
  for (const sum of sums) {
    const name = sum.names[dimension] ?? '';
    const list = names.get(name);
    if (list) list.push(sum);
    else names.set(name, [sum]);
  }
  return [...names].map(([name, list]) => ({ name, sums: list }));
}

/** `[{group_by_day, teams: [{team_name, total_spend, metadata: [{model, api_key, spend, total_tokens}]}]}]` */
function dayReport(sums: readonly SpendSum[], group: Exclude<Group, 'api_key' | 'session'>, dimension: Dimension) {
  const label = group === 'team' ? 'team_name' : group;
  return byName(sums, 'day').map(({ name: day, sums: ofDay }) => ({
    group_by_day: day,
    [`${group}s`]: byName(ofDay, dimension).map(({ name, sums: ofName }) => ({
      [label]: name,
      ...totalOf(ofName),
      metadata: dearestFirst(ofName).map((sum) => ({ ...detailOf(sum, dimension), ...amountOf(sum), total_tokens: tokensOf(sum) })),
    })),
  }));
}

function detailOf({ names }: SpendSum, dimension: Dimension): Readonly<Record<string, string>> {
  return { ...(dimension === 'model' ? {} : { model: names.model ?? '' }), ...(dimension === 'key' ? {} : { api_key: names.key ?? '' }) };
}

async function keyReport(sums: readonly SpendSum[], db: Database) {
  const keys = byName(sums, 'key');
  const known = await namesOfKeys(
    db,
    keys.map(({ name }) => name),
  );
  return keys.map(({ name, sums: ofKey }) => ({
    api_key: name,
    key_alias: known.get(name)?.alias ?? null,
    total_cost: totalOf(ofKey).total_spend,
    total_cost_usd: totalOf(ofKey).total_spend_usd,
    total_input_tokens: ofKey.reduce((total, sum) => total + sum.inputTokens, 0),
    total_output_tokens: ofKey.reduce((total, sum) => total + sum.outputTokens, 0),
    model_details: byName(ofKey, 'model').map(({ name: model, sums: ofModel }) => ({
      model,
      total_cost: totalOf(ofModel).total_spend,
      total_input_tokens: ofModel.reduce((total, sum) => total + sum.inputTokens, 0),
      total_output_tokens: ofModel.reduce((total, sum) => total + sum.outputTokens, 0),
    })),
  }));
}

async function sessionReport({ sums, filter, range, limit }: GlobalRequest, db: Database) {
  const dayOf = (time: Date | undefined) => time?.toISOString().slice(0, 10);
  const sessions = await listSessions(db, {
    visible: sums.visible,
    filter,
    fromDay: dayOf(range.from),
    untilDay: dayOf(range.until && new Date(range.until.getTime() - 1)),
    order: 'spend',
    limit,
    offset: 0,
  });
  return sessions.map((sum) => ({
    session: sum.sessionId,
    api_key: sum.keyHash,
    agent: sum.agent,
    total_spend: Number(sum.spendUsd),
    total_spend_usd: sum.spendUsd,
    total_tokens: sum.inputTokens + sum.outputTokens,
    requests: sum.requests,
    models: sum.models,
  }));
}

function totalOf(sums: readonly SpendSum[]) {
  const total = addUsd(sums.map(({ spendUsd }) => spendUsd));
  return { total_spend: Number(total), total_spend_usd: total };
}

/** Exact: decimal texts brought to the same number of places. */
function addUsd(amounts: readonly string[]): string {
  const places = Math.max(0, ...amounts.map((text) => text.split('.')[1]?.length ?? 0));
  const digits = amounts.reduce((total, text) => {
    const [whole = '0', fraction = ''] = text.split('.');
    return total + BigInt(whole + fraction.padEnd(places, '0'));
  }, 0n);
  const text = digits.toString().padStart(places + 1, '0');
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}

function amountOf({ spendUsd }: SpendSum) {
  return { spend: Number(spendUsd), spend_usd: spendUsd };
}

function tokensOf({ inputTokens, outputTokens }: SpendSum): number {
  return inputTokens + outputTokens;
}

function csvRows(sums: readonly SpendSum[], dimension: Dimension) {
  return sums.map((sum) => ({
    day: sum.names.day,
    name: sum.names[dimension],
    model: sum.names.model,
    api_key: sum.names.key,
    spend_usd: sum.spendUsd,
    requests: sum.attempts,
    prompt_tokens: sum.inputTokens,
    completion_tokens: sum.outputTokens,
  }));
}
