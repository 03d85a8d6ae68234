import type { FastifyInstance } from 'fastify';
import type { AdminResources } from '../resources.ts';
import { defineRoute } from '../routes/define-route.ts';
import { routeSpecs } from '../routes/route-specs.ts';
import { createCustomer, customerInfo, deleteCustomers, listCustomers, setCustomersBlocked, updateCustomer } from './change-customer.ts';
import * as fields from './customer-fields.ts';

const { get, post } = routeSpecs('end user management');
const CUSTOMER = { user_id: 'visitor-7' };
const SEVERAL = { user_ids: ['visitor-7'] };

/** LiteLLM's paths and fields for end users, under both of its names for them. */
export function registerCustomerRoutes(app: FastifyInstance, resources: AdminResources): void {
  for (const name of ['customer', 'end_user']) registerUnder(name, app, resources);
}

function registerUnder(name: string, app: FastifyInstance, resources: AdminResources): void {
  const made = post(`/${name}/new`, 'Set limits for an end user', fields.newCustomerSchema, {
    ...CUSTOMER,
    max_budget: 1,
    budget_duration: '1d',
  });
  defineRoute(app, made, ({ body, caller }) => createCustomer(body, caller, resources));
  const update = post(`/${name}/update`, 'Change an end user', fields.changedCustomerSchema, { ...CUSTOMER, max_budget: 2 });
  defineRoute(app, update, ({ body, caller }) => updateCustomer(body, caller, resources));
  const removal = post(`/${name}/delete`, 'Delete end users', fields.customerIdsSchema, SEVERAL);
  defineRoute(app, removal, ({ body, caller }) => deleteCustomers(body, caller, resources));
  const block = post(`/${name}/block`, 'Block end users', fields.customerIdsSchema, SEVERAL);
  defineRoute(app, block, ({ body, caller }) => setCustomersBlocked(true, body, caller, resources));
  const unblock = post(`/${name}/unblock`, 'Let end users in again', fields.customerIdsSchema, SEVERAL);
  defineRoute(app, unblock, ({ body, caller }) => setCustomersBlocked(false, body, caller, resources));
  const info = get(`/${name}/info`, 'An end user', fields.customerInfoSchema);
  defineRoute(app, info, ({ query }) => customerInfo(query, resources));
  defineRoute(app, get(`/${name}/list`, 'All end users'), () => listCustomers(resources));
}
