import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Dimension, type NameFilter, namesOfKeys, sumSpend } from '#db';
import type { Caller } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { sendCsv, wantsCsv } from '../spend/csv-reply.ts';
import { readDateRange } from '../spend/date-range.ts';
import { countField, formatField, nameField, namesField, rangeFields, toNameFilter } from '../spend/query-fields.ts';
import { requireOwnKeys, visibleSpend } from '../spend/visible-spend.ts';
import { activityDays, activityGroups, activityTotals, type DayView } from './activity-view.ts';

/** The reports there are: by what, under which of LiteLLM's query fields, and where in the filter that goes. */
const ENTITIES = {
  user: { field: 'user_id', filter: 'userIds', dimension: 'user' },
  team: { field: 'team_ids', filter: 'teamIds', dimension: 'team' },
  organization: { field: 'organization_ids', filter: 'organizationIds', dimension: 'organization' },
  customer: { field: 'end_user_ids', filter: 'endUsers', dimension: 'customer' },
  tag: { field: 'tags', filter: 'tags', dimension: 'tag' },
  agent: { field: 'agent_ids', filter: 'agents', dimension: 'agent' },
} as const satisfies Record<string, { field: string; filter: keyof NameFilter; dimension: Dimension }>;
type Entity = (typeof ENTITIES)[keyof typeof ENTITIES];

const activityFields = {
  ...rangeFields,
  api_key: nameField,
  model: nameField,
  model_group: nameField,
  provider: nameField,
  page: countField(10_000, 1),
  page_size: countField(1_000, 50),
  format: formatField,
};

/** `GET /{user,team,organization,customer,tag,agent}/daily/activity`, in pages of days, and `…/aggregated`, all days at once. */
export function registerActivityRoutes(app: FastifyInstance, resources: AdminResources): void {
  for (const [name, entity] of Object.entries(ENTITIES)) {
    const schema = z.object({
      ...activityFields,
      [entity.field]: namesField,
      ...(name === 'team' ? { exclude_team_ids: namesField } : {}),
    });
    for (const url of [`/${name}/daily/activity`, `/${name}/daily/activity/aggregated`]) {
      const spec = { method: 'GET', url, summary: `What each ${name} has used and spent, day by day`, query: schema } as const;
      defineRoute(app, spec, async (request, reply) => {
        const asked = readAsked(request, schema, entity);
        if (asked.csv) return sendCsv(reply, await csvDays(asked, entity, resources), { name: `${name}-activity`, columns: CSV_COLUMNS });
        return activity(asked, { entity, resources, aggregated: url.endsWith('/aggregated') });
      });
    }
  }
}

interface Asked {
  readonly caller: Caller;
  readonly filter: NameFilter;
  readonly range: ReturnType<typeof readDateRange>;
  readonly page: number;
  readonly pageSize: number;
  readonly csv: boolean;
}

function readAsked(request: FastifyRequest, schema: z.ZodObject, entity: Entity): Asked {
  const fields: Record<string, unknown> = parseInput(request.query, { schema, place: 'query' });
  const asked = z.object(activityFields).loose().parse(fields);
  const filter = {
    ...toNameFilter(asked),
    [entity.filter]: namesIn(fields[entity.field]),
    notTeamIds: namesIn(fields['exclude_team_ids']),
  };
  requireOwnKeys(request.caller, filter.keyHashes);
  const csv = wantsCsv(request, asked.format);
  return { caller: request.caller, filter, range: readDateRange(asked), page: asked.page, pageSize: asked.page_size, csv };
}

function namesIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

interface ActivityOptions {
  readonly entity: Entity;
  readonly resources: Pick<AdminResources, 'db'>;
  readonly aggregated: boolean;
}

async function activity(asked: Asked, { entity, resources: { db }, aggregated }: ActivityOptions) {
  const [days, [total]] = await Promise.all([daysOf(asked, entity, db), sumSpend(db, { ...sumsOf(asked, entity), groups: [[]] })]);
  const pages = aggregated ? 1 : Math.max(1, Math.ceil(days.length / asked.pageSize));
  const from = (asked.page - 1) * asked.pageSize;
  return {
    results: aggregated ? days : days.slice(from, from + asked.pageSize),
    metadata: {
      ...activityTotals(total),
      page: aggregated ? 1 : asked.page,
      total_pages: pages,
      has_more: !aggregated && asked.page < pages,
    },
  };
}

async function daysOf(asked: Asked, entity: Entity, db: AdminResources['db']): Promise<DayView[]> {
  const sums = await sumSpend(db, { ...sumsOf(asked, entity), groups: activityGroups(entity.dimension) });
  const keys = await namesOfKeys(db, [...new Set(sums.flatMap(({ names }) => names.key ?? []))]);
  const keyNames = new Map([...keys].map(([hash, { alias, teamId }]) => [hash, { key_alias: alias, team_id: teamId }]));
  return activityDays(sums, entity.dimension, keyNames);
}

/** Attempts that have a user, a team and so on: as many as LiteLLM has of it. */
function sumsOf({ caller, filter, range }: Asked, entity: Entity) {
  return { visible: visibleSpend(caller), filter, ...range, named: entity.dimension };
}

const CSV_COLUMNS = [
  'date',
  'name',
  'spend_usd',
  'api_requests',
  'successful_requests',
  'failed_requests',
  'prompt_tokens',
  'completion_tokens',
];

async function csvDays(asked: Asked, entity: Entity, { db }: Pick<AdminResources, 'db'>) {
  const days = await daysOf(asked, entity, db);
  return days.flatMap(({ date, breakdown }) =>
    Object.entries(breakdown.entities).map(([name, { metrics }]) => ({ date, name, ...metrics })),
  );
}
