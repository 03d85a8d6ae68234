import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '#contracts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  findWebhook,
  listWebhookDeliveries,
  listWebhooks,
  redeliverWebhook,
  type StoredWebhook,
  transact,
  type WebhookDelivery,
} from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName, denied, isAdmin, seesAll } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import { toKeyHash } from '../keys/key-secret.ts';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { countField } from '../spend/query-fields.ts';
import { webhookPlace } from './deliver-webhooks.ts';
import { WEBHOOK_EVENTS } from './webhook-event.ts';

const TAG = 'webhooks';
const url = z
  .url({ protocol: /^https?$/, error: 'give an address that begins with https:// or http://' })
  .max(2_000)
  // fetch-like clients refuse them, and they would be shown
  .refine((text) => !/^https?:\/\/[^/]*@/.test(text), { error: 'an address has no user and password: check the signature instead' });
const events = z.array(z.enum(WEBHOOK_EVENTS)).min(1);
const description = z.string().max(500);

const newSchema = z.object({
  url,
  events: events.default([...WEBHOOK_EVENTS]),
  description: description.optional(),
  /** Whose jobs; administrators only. */
  key: z.string().min(1).optional(),
});
const changeSchema = z.object({
  url: url.optional(),
  events: events.optional(),
  description: description.optional(),
  disabled: z.boolean().optional(),
});
const deliveriesSchema = z.object({ webhook_id: z.string().min(1).optional(), limit: countField(1_000, 100) });
const idSchema = z.object({ id: z.string().min(1) });
const EXAMPLE = { url: 'https://example.com/hooks', events: ['response.completed', 'batch.completed'] };

/** Who is told what becomes of jobs and batches. Whoever has a key sees and changes what belongs to that key; an administrator all. */
export function registerWebhookRoutes(app: FastifyInstance, resources: AdminResources): void {
  const { db } = resources;
  const spec = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, summary: string) =>
    ({ method, url: `/webhooks${path}`, tag: TAG, summary }) as const;
  defineRoute(
    app,
    { ...spec('POST', '', 'Be told what becomes of jobs and batches'), body: newSchema, example: EXAMPLE },
    ({ body, caller }) => create(body, caller, resources),
  );
  defineRoute(app, spec('GET', '', 'Webhooks'), async ({ caller }) => ({
    webhooks: (await listWebhooks(db, { owner: ownerSeen(caller) })).map(webhookView),
  }));
  defineRoute(
    app,
    { ...spec('GET', '/deliveries', 'What was sent and what became of it'), query: deliveriesSchema },
    async ({ query, caller }) => {
      const { webhook_id: endpointId, limit } = parseInput(query, { schema: deliveriesSchema, place: 'query' });
      return { deliveries: (await listWebhookDeliveries(db, { owner: ownerSeen(caller), endpointId, limit })).map(deliveryView) };
    },
  );
  defineRoute(app, spec('POST', '/deliveries/:id/redeliver', 'Send a delivery again'), async ({ params, caller }) => {
    const { id } = parseInput(params, { schema: idSchema, place: 'query' });
    if (!(await redeliverWebhook(db, id, { owner: ownerChanged(caller) }))) throw notFound(`There is no delivery ${id}.`);
    return { id, status: 'pending' };
  });
  defineRoute(
    app,
    { ...spec('PATCH', '/:id', 'Change a webhook'), body: changeSchema, example: { disabled: true } },
    ({ params, body, caller }) => change(params, body, caller, resources),
  );
  defineRoute(app, spec('DELETE', '/:id', 'Delete a webhook'), ({ params, caller }) => remove(params, caller, resources));
}

/** The secret is shown this once. */
async function create(body: unknown, caller: Caller, { db, stored, randomBytes }: AdminResources) {
  const input = parseInput(body, { schema: newSchema, place: 'body' });
  const { sealing } = stored;
  if (sealing === undefined) {
    const why = 'The gateway has no key to seal the secret with. Set HEADRACE_SALT_KEY or a master key.';
    throw new GatewayError('invalid_request', why);
  }
  const id = `we_${Buffer.from(randomBytes(12)).toString('hex')}`;
  const secret = `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`;
  const row = {
    id,
    owner: ownerOf(input.key, caller),
    url: input.url,
    events: input.events,
    description: input.description ?? null,
    secret: sealing.seal(secret, webhookPlace(id)),
    createdBy: callerName(caller),
  };
  const made = await transact(db, async (inside) => {
    const webhook = await createWebhook(inside, row);
    await recordChange(inside, caller, { action: 'created', table: 'webhooks', objectId: id, after: row });
    return webhook;
  });
  return { ...(made === undefined ? {} : webhookView(made)), secret };
}

async function change(params: unknown, body: unknown, caller: Caller, { db }: AdminResources) {
  const input = parseInput(body, { schema: changeSchema, place: 'body' });
  const before = await findOwn(params, caller, db);
  if (Object.keys(input).length === 0)
    throw new GatewayError('invalid_request', 'Say what to change: url, events, description or disabled.');
  const after = await transact(db, async (inside) => {
    const changed = await changeWebhook(inside, before.id, input);
    await recordChange(inside, caller, {
      action: 'updated',
      table: 'webhooks',
      objectId: before.id,
      before,
      after: { ...before, ...input },
    });
    return changed;
  });
  return webhookView(after ?? before);
}

async function remove(params: unknown, caller: Caller, { db }: AdminResources) {
  const before = await findOwn(params, caller, db);
  await transact(db, async (inside) => {
    await deleteWebhook(inside, before.id);
    await recordChange(inside, caller, { action: 'deleted', table: 'webhooks', objectId: before.id, before });
  });
  return { id: before.id, deleted: true };
}

async function findOwn(params: unknown, caller: Caller, db: AdminResources['db']): Promise<StoredWebhook> {
  const { id } = parseInput(params, { schema: idSchema, place: 'query' });
  const found = await findWebhook(db, id);
  const owner = ownerChanged(caller);
  if (found === undefined || (owner !== undefined && found.owner !== owner)) throw notFound(`There is no webhook ${id}.`);
  return found;
}

/** Null: everybody's. */
function ownerOf(key: string | undefined, caller: Caller): string | null {
  const asked = key === undefined ? undefined : toKeyHash(key);
  if (isAdmin(caller)) return asked ?? null;
  const own = ownerChanged(caller) ?? null;
  if (asked !== undefined && asked !== own) throw denied('A key has webhooks for its own jobs only.', 'key');
  return own;
}

/** Undefined: whatever there is. */
function ownerChanged(caller: Caller): string | undefined {
  if (isAdmin(caller)) return undefined;
  return caller.kind === 'key' ? caller.key.hash : '';
}

function ownerSeen(caller: Caller): string | undefined {
  return seesAll(caller) ? undefined : ownerChanged(caller);
}

function webhookView({ id, owner, url: address, events: types, description: text, disabled, createdAt }: StoredWebhook) {
  return { id, key: owner, url: address, events: types, description: text, disabled, created_at: createdAt };
}

function deliveryView(delivery: WebhookDelivery) {
  const { id, endpointId, eventId, type, tries, createdAt, nextAt, deliveredAt, givenUpAt, lastError } = delivery;
  const status = deliveredAt !== null ? 'delivered' : givenUpAt !== null ? 'failed' : 'pending';
  return {
    id,
    webhook_id: endpointId,
    event_id: eventId,
    type,
    status,
    tries,
    created_at: createdAt,
    next_try_at: nextAt,
    delivered_at: deliveredAt,
    given_up_at: givenUpAt,
    error: lastError,
  };
}

function notFound(message: string): GatewayError {
  return new GatewayError('webhook_not_found', message, { param: 'id' });
}
