import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listSessions, SESSION_ORDERS, type SessionSum } from '#db';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { sendCsv, wantsCsv } from './csv-reply.ts';
import { readDateRange } from './date-range.ts';
import { countField, toNameFilter, whoseFields } from './query-fields.ts';
import { rowFields } from './spend-query.ts';
import { requireOwnKeys, visibleSpend } from './visible-spend.ts';

const { tag: _tag, tags: _tags, model: _model, model_group: _group, provider: _provider, ...whose } = whoseFields;
const sessionsSchema = z.object({
  ...whose,
  session_id: rowFields.session_id,
  min_spend: rowFields.min_spend,
  start_date: rowFields.start_date,
  end_date: rowFields.end_date,
  sort_by: z.enum(SESSION_ORDERS, { error: `give one of ${SESSION_ORDERS.join(', ')}` }).default('spend'),
  page: countField(10_000, 1),
  page_size: countField(1_000, 50),
  format: rowFields.format,
});

const DAY_MS = 86_400_000;
/** Without dates: the last 30 days, today included; all of them when one session is asked for by its id. */
const USUAL_DAYS = 30;

const COLUMNS = [
  'session_id',
  'agent_id',
  'api_key',
  'key_alias',
  'team_id',
  'user_id',
  'organization_id',
  'end_user',
  'spend_usd',
  'requests',
  'attempts',
  'failed_attempts',
  'unpriced_attempts',
  'prompt_tokens',
  'completion_tokens',
  'models',
  'first_at',
  'last_at',
];

/** `GET /spend/sessions`: which agent session has cost how much, the dearest first. Days are those of UTC. */
export function registerSessionsRoute(app: FastifyInstance, { db, now }: AdminResources): void {
  const spec = {
    method: 'GET',
    url: '/spend/sessions',
    summary: 'Sessions by what they cost, the dearest first',
    query: sessionsSchema,
  } as const;
  defineRoute(app, spec, async (request, reply) => {
    const asked = parseInput(request.query, { schema: sessionsSchema, place: 'query' });
    const range = readDateRange(asked);
    const filter = toNameFilter(asked);
    requireOwnKeys(request.caller, filter.keyHashes);
    const since = asked.session_id === undefined ? (range.from ?? new Date(now().getTime() - (USUAL_DAYS - 1) * DAY_MS)) : range.from;
    const found = await listSessions(db, {
      visible: visibleSpend(request.caller),
      filter,
      sessionId: asked.session_id,
      fromDay: since && dayOf(since),
      untilDay: range.until && dayOf(new Date(range.until.getTime() - 1)),
      minUsd: asked.min_spend,
      order: asked.sort_by,
      // one more than asked for tells whether there are more
      limit: asked.page_size + 1,
      offset: (asked.page - 1) * asked.page_size,
    });
    const sessions = found.slice(0, asked.page_size).map(sessionView);
    if (wantsCsv(request, asked.format)) return sendCsv(reply, sessions, { name: 'sessions', columns: COLUMNS });
    return { sessions, page: asked.page, page_size: asked.page_size, has_more: found.length > asked.page_size };
  });
}

function sessionView(sum: SessionSum) {
  return {
    session_id: sum.sessionId,
    agent_id: sum.agent,
    api_key: sum.keyHash,
    key_alias: sum.keyAlias,
    team_id: sum.teamId,
    user_id: sum.userId,
    organization_id: sum.organizationId,
    end_user: sum.endUser,
    spend: Number(sum.spendUsd),
    spend_usd: sum.spendUsd,
    requests: sum.requests,
    attempts: sum.attempts,
    failed_attempts: sum.failures,
    unpriced_attempts: sum.unpriced,
    prompt_tokens: sum.inputTokens,
    completion_tokens: sum.outputTokens,
    total_tokens: sum.inputTokens + sum.outputTokens,
    models: sum.models,
    first_at: sum.firstAt,
    last_at: sum.lastAt,
  };
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
