import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute, type RouteSpec } from '../routes/define-route.ts';
import { createCustomer, customerInfo, deleteCustomers, listCustomers, setCustomersBlocked, updateCustomer } from './change-customer.ts';
import * as fields from './customer-fields.ts';

const tag = 'end user management';
const CUSTOMER = { user_id: 'visitor-7' };
const SEVERAL = { user_ids: ['visitor-7'] };

/** LiteLLM's paths and fields for end users, under both of its names for them. */
export function registerCustomerRoutes(app: FastifyInstance, resources: AdminResources): void {
  for (const name of ['customer', 'end_user']) registerUnder(name, app, resources);
}

function registerUnder(name: string, app: FastifyInstance, resources: AdminResources): void {
  const post = (what: string, summary: string, body: RouteSpec['body'], example: unknown): RouteSpec => ({
    method: 'POST',
    url: `/${name}/${what}`,
    tag,
    summary,
    body,
    example,
  });
  const made = post('new', 'Set limits for an end user', fields.newCustomerSchema, { ...CUSTOMER, max_budget: 1, budget_duration: '1d' });
  defineRoute(app, made, ({ body, caller }) => createCustomer(body, caller, resources));
  const update = post('update', 'Change an end user', fields.changedCustomerSchema, { ...CUSTOMER, max_budget: 2 });
  defineRoute(app, update, ({ body, caller }) => updateCustomer(body, caller, resources));
  const removal = post('delete', 'Delete end users', fields.customerIdsSchema, SEVERAL);
  defineRoute(app, removal, ({ body, caller }) => deleteCustomers(body, caller, resources));
  const block = post('block', 'Block end users', fields.customerIdsSchema, SEVERAL);
  defineRoute(app, block, ({ body, caller }) => setCustomersBlocked(true, body, caller, resources));
  const unblock = post('unblock', 'Let end users in again', fields.customerIdsSchema, SEVERAL);
  defineRoute(app, unblock, ({ body, caller }) => setCustomersBlocked(false, body, caller, resources));
  const info: RouteSpec = { method: 'GET', url: `/${name}/info`, tag, summary: 'An end user', query: fields.customerInfoSchema };
  defineRoute(app, info, ({ query }) => customerInfo(query, resources));
  defineRoute(app, { method: 'GET', url: `/${name}/list`, tag, summary: 'All end users' }, () => listCustomers(resources));
}
