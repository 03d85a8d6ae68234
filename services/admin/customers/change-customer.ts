import { GatewayError } from '#contracts';
import { findScopes, lockScopes, type StoredScope, transact } from '#db';
import { type Caller, requireAdmin } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { dropScopes } from '../scopes/drop-scopes.ts';
import { mergeFields, saidLimits } from '../scopes/limit-schema.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { spendOf } from '../scopes/scope-spend.ts';
import { addScope, alterScope, lockAll, lockScope, requireScope } from '../scopes/write-scope.ts';
import {
  changedCustomerSchema,
  customerIdsSchema,
  customerInfoSchema,
  newCustomerSchema,
  NOT_ENFORCED_CUSTOMER_FIELDS,
} from './customer-fields.ts';
import { customerView } from './customer-view.ts';

/** `POST /customer/new`. */
export async function createCustomer(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: newCustomerSchema, notEnforced: NOT_ENFORCED_CUSTOMER_FIELDS, place: 'body' });
  const customer = await transact(resources.db, (inside) =>
    addScope(
      { inside, caller, resources },
      {
        kind: 'customer',
        id: input.user_id,
        alias: input.alias ?? null,
        blocked: input.blocked ?? false,
        budgetId: input.budget_id ?? null,
        models: input.models ?? [],
        metadata: input.metadata ?? {},
        fields: mergeFields({}, saidLimits(input)),
        details: mergeFields({}, { default_model: input.default_model }),
      },
    ),
  );
  await publishTouched({ scopes: [customer] }, resources);
  return customerView(customer, { now: resources.now() });
}

/** `POST /customer/update`: what is not named stays, null takes something away. */
export async function updateCustomer(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const input = parseInput(body, { schema: changedCustomerSchema, notEnforced: NOT_ENFORCED_CUSTOMER_FIELDS, place: 'body' });
  const customer = await transact(resources.db, async (inside) => {
    const before = await lockScope(inside, { kind: 'customer', id: input.user_id });
    return alterScope({ inside, caller, resources }, before, {
      alias: input.alias,
      blocked: input.blocked ?? undefined,
      budgetId: input.budget_id,
      models: input.models === null ? [] : input.models,
      metadata: input.metadata === null ? {} : input.metadata,
      fields: mergeFields(before.fields, saidLimits(input)),
      details: mergeFields(before.details, { default_model: input.default_model }),
    });
  });
  await publishTouched({ scopes: [customer] }, resources);
  return shown(customer, resources);
}

async function shown(customer: StoredScope, { db, now }: AdminResources) {
  const spend = await spendOf(db, 'customer', [customer.id]);
  return customerView(customer, { now: now(), spendUsd: spend.get(customer.id) });
}

/** `POST /customer/block`, `/customer/unblock`. An end user that nobody has made yet can be blocked before its first request. */
export async function setCustomersBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { user_ids: asked } = parseInput(body, { schema: customerIdsSchema, place: 'body' });
  const ids = [...new Set(asked)];
  const changed = await transact(resources.db, async (inside) => {
    const writing = { inside, caller, resources };
    const known = blocked ? await lockScopes(inside, { kind: 'customer', ids }) : await lockAll(inside, 'customer', ids, 'user_ids');
    const done: StoredScope[] = [];
    for (const customer of known) done.push(await alterScope(writing, customer, { blocked, action: blocked ? 'blocked' : 'unblocked' }));
    const unknown = ids.filter((id) => !known.some((customer) => customer.id === id));
    for (const id of unknown) done.push(await addScope(writing, { kind: 'customer', id, blocked }));
    return done;
  });
  await publishTouched({ scopes: changed }, resources);
  return { blocked_users: changed.map((customer) => customerView(customer, { now: resources.now() })) };
}

/** `POST /customer/delete`: all of them or none. Their spend stays in the ledger. */
export async function deleteCustomers(body: unknown, caller: Caller, resources: AdminResources) {
  requireAdmin(caller);
  const { user_ids: asked } = parseInput(body, { schema: customerIdsSchema, place: 'body' });
  const ids = [...new Set(asked)];
  const deleted = await transact(resources.db, async (inside) =>
    dropScopes({ inside, caller, resources }, await lockAll(inside, 'customer', ids, 'user_ids')),
  );
  await publishTouched({ scopes: deleted }, resources);
  return { deleted_customers: ids.length, message: `${ids.length} end users were deleted.` };
}

/** `GET /customer/info?end_user_id=`. */
export async function customerInfo(query: unknown, resources: AdminResources) {
  const { end_user_id: id } = parseInput(query, { schema: customerInfoSchema, place: 'query' });
  return shown(await requireScope(resources.db, { kind: 'customer', id }, 'end_user_id'), resources);
}

const MOST_LISTED = 10_000;

/** `GET /customer/list`: all of them, oldest first. */
export async function listCustomers({ db, now }: AdminResources) {
  const customers = (await findScopes(db, { kind: 'customer' })).filter(({ id }) => id !== '');
  if (customers.length > MOST_LISTED) {
    throw new GatewayError('invalid_request', `There are more than ${MOST_LISTED} end users: ask for one with /customer/info.`);
  }
  const spend = await spendOf(
    db,
    'customer',
    customers.map(({ id }) => id),
  );
  return customers.map((customer) => customerView(customer, { now: now(), spendUsd: spend.get(customer.id) }));
}
