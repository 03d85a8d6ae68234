import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DeadLetter } from '#bus';
import { DEAD_KINDS, GatewayError } from '#contracts';
import { transact } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, requireAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { countField } from '../spend/query-fields.ts';
import { deadLetterDetails, deadLetterView } from './dead-letter-view.ts';
import { redrive } from './redrive.ts';

const TAG = 'dead letters';
const AT_ONCE = 1_000;
const kind = z.enum(DEAD_KINDS).optional();
const seq = z.coerce.number({ error: 'give the number of a dead letter' }).int().min(0);

const listSchema = z.object({ kind, after: seq.default(0), limit: countField(1_000, 100) });
const oneSchema = z.object({ body: z.enum(['true', 'false']).optional() });
const redriveSchema = z.object({ kind, ids: z.array(seq).min(1).max(AT_ONCE).optional(), after: seq.default(0) });
const purgeSchema = z.object({ kind, ids: z.array(seq).min(1).max(AT_ONCE).optional(), all: z.literal(true).optional() });

/** What could not be worked off: look at it, send it on its way again, or throw it away. */
export function registerDeadLetterRoutes(app: FastifyInstance, resources: AdminResources): void {
  defineRoute(
    app,
    { method: 'GET', url: '/dead', tag: TAG, summary: 'Dead letters, the oldest first', query: listSchema },
    async ({ query }) => {
      const asked = parseInput(query, { schema: listSchema, place: 'query' });
      const [letters, total] = await fromQueue(Promise.all([resources.dead.list(asked), resources.dead.count(asked.kind)]));
      return { dead: letters.map(deadLetterView), total, next_after: letters.length < asked.limit ? null : letters.at(-1)?.seq };
    },
  );
  defineRoute(
    app,
    {
      method: 'GET',
      url: '/dead/:id',
      tag: TAG,
      summary: 'A dead letter with its headers',
      description: '`body=true` adds its data, which may be what a client wrote: administrators only, and the audit log has it.',
      query: oneSchema,
    },
    ({ params, query, caller }) => showOne(params, query, caller, resources),
  );
  defineRoute(
    app,
    {
      method: 'POST',
      url: '/dead/redrive',
      tag: TAG,
      summary: 'Send dead letters on their way again',
      body: redriveSchema,
      example: { kind: 'event' },
    },
    ({ body, caller }) => redriveMany(body, caller, resources),
  );
  defineRoute(
    app,
    { method: 'POST', url: '/dead/purge', tag: TAG, summary: 'Throw dead letters away', body: purgeSchema, example: { ids: [17] } },
    ({ body, caller }) => purge(body, caller, resources),
  );
}

async function showOne(params: unknown, query: unknown, caller: Caller, resources: AdminResources) {
  const { body } = parseInput(query, { schema: oneSchema, place: 'query' });
  const { id } = parseInput(params, { schema: z.object({ id: seq }), place: 'query' });
  const letter = await findLetter(id, resources);
  const withBody = body === 'true';
  if (withBody) {
    requireAdmin(caller);
    await audit('shown', [id], caller, resources);
  }
  return deadLetterDetails(letter, { withBody });
}

/** At most a thousand at a time: `next_after` says where to go on. What can't go on stays, and is named with the reason. */
async function redriveMany(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const asked = parseInput(body, { schema: redriveSchema, place: 'body' });
  const { dead, db, bus, stored, now } = resources;
  const letters =
    asked.ids === undefined
      ? await fromQueue(dead.list({ kind: asked.kind, after: asked.after, limit: AT_ONCE }))
      : await Promise.all(asked.ids.map((id) => findLetter(id, resources)));
  const deployment = (id: string) => stored.config.deployments.find((one) => one.id === id);
  const redriven: number[] = [];
  const refused: { readonly id: number; readonly error: string }[] = [];
  for (const letter of letters) {
    try {
      await redrive(letter, { db, bus, box: dead, deployment, now: () => now().getTime() });
      redriven.push(letter.seq);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'conflict') throw error;
      refused.push({ id: letter.seq, error: error.message });
    }
  }
  if (redriven.length > 0) await audit('redriven', redriven, caller, resources);
  const isLast = asked.ids !== undefined || letters.length < AT_ONCE;
  return { redriven: redriven.length, refused, next_after: isLast ? null : letters.at(-1)?.seq };
}

async function purge(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const asked = parseInput(body, { schema: purgeSchema, place: 'body' });
  if (asked.ids === undefined && asked.kind === undefined && asked.all === undefined) {
    throw new GatewayError('invalid_request', 'Say which: ids, a kind, or all: true.', { param: 'ids' });
  }
  const { dead } = resources;
  const removed =
    asked.ids === undefined
      ? await fromQueue(dead.purge(asked.kind))
      : (await fromQueue(Promise.all(asked.ids.map((id) => dead.remove(id))))).filter(Boolean).length;
  await audit('deleted', asked.ids ?? [asked.kind ?? 'all'], caller, resources);
  return { purged: removed };
}

async function findLetter(id: number, { dead }: Pick<AdminResources, 'dead'>): Promise<DeadLetter> {
  const letter = await fromQueue(dead.find(id));
  if (letter === undefined) throw new GatewayError('dead_letter_not_found', `There is no dead letter ${id}.`, { param: 'id' });
  return letter;
}

async function audit(
  action: 'deleted' | 'redriven' | 'shown',
  ids: readonly (number | string)[],
  caller: Caller,
  { db }: Pick<AdminResources, 'db'>,
): Promise<void> {
  const objectId = ids.length === 1 ? String(ids[0]) : `${ids.length} letters`;
  await transact(db, (inside) => recordChange(inside, caller, { action, table: 'dead_letters', objectId, after: { ids } }));
}

async function fromQueue<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw new GatewayError('queue_unavailable', 'The queue could not be reached. Try again.', { cause, retryAfterMs: 1_000 });
  });
}
