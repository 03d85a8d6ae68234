import { z } from 'zod';
import { rolesFor } from '../auth/route-policy.ts';
import type { RouteSpec } from '../routes/define-route.ts';
import type { CollectedRoute } from './collect-routes.ts';
import { ERROR_RESPONSES, ERROR_SCHEMA, errorRefs } from './error-responses.ts';
import { pathOf, pathParameters } from './path-of.ts';

type Json = Readonly<Record<string, unknown>>;

/** https://spec.openapis.org/oas/v3.1.0 */
export interface OpenapiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly security: readonly Json[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

export interface DocumentOptions {
  readonly version: string;
  /** Of routes that were registered without a description: `POST /key/generate` → what it does. */
  readonly descriptions: Readonly<Record<string, Omit<RouteSpec, 'method' | 'url'>>>;
  /** Routes that another process answers under the same address. */
  readonly further: readonly RouteSpec[];
}

const DESCRIPTION = `
Keys, teams, budgets, models and spend of a Headrace gateway, with LiteLLM's paths and fields. Send the master key or a virtual key as
\`Authorization: Bearer sk-…\`. What a key may do depends on the role of its user; errors name the field at fault.`.trim();

/** The API document of all routes, made from the schemas that their handlers parse with. */
export function createOpenapiDocument(routes: readonly CollectedRoute[], options: DocumentOptions): OpenapiDocument {
  const specs = [...routes.map((route) => specOf(route, options)), ...options.further];
  const paths: Record<string, Record<string, Json>> = {};
  for (const spec of specs) {
    const path = pathOf(spec.url);
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: operationOf(spec) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Headrace management API', version: options.version, description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(specs.map(tagOf))].toSorted().map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'The master key or a virtual key.' } },
      schemas: { Error: ERROR_SCHEMA },
      responses: ERROR_RESPONSES,
    },
  };
}

function specOf({ method, url, spec }: CollectedRoute, { descriptions }: DocumentOptions): RouteSpec {
  const described = spec ?? descriptions[`${method} ${url}`] ?? { summary: `${method} ${url}` };
  return { ...described, method: method as RouteSpec['method'], url };
}

function operationOf(spec: RouteSpec): Json {
  const parameters = [...pathParameters(spec.url), ...queryParameters(spec.query)];
  return {
    operationId: `${spec.method.toLowerCase()}${spec.url.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    tags: [tagOf(spec)],
    summary: spec.summary,
    ...describe(spec),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(spec),
    responses: { 200: replyOf(spec), ...errorRefs(spec) },
    ...(spec.isPublic === true ? { security: [] } : {}),
  };
}

/** With the roles that may call it, from the table that decides. */
function describe({ method, url, description, isPublic }: RouteSpec): Json {
  const roles = isPublic === true ? undefined : rolesFor(method, url);
  const parts = [description, roles && `For: ${roles.join(', ')}.`].filter((part) => part !== undefined);
  return parts.length === 0 ? {} : { description: parts.join('\n\n') };
}

/** The first segment of its path that says anything: `/v2/team/list` is about teams. */
function tagOf({ tag, url }: RouteSpec): string {
  const segment = url.split('/').find((part) => part !== '' && !/^v\d+$/.test(part)) ?? 'other';
  return tag ?? `${segment} management`;
}

function bodyOf(spec: RouteSpec): Json {
  if (spec.body === undefined) return {};
  const content = { schema: schemaOf(spec.body), ...(spec.example === undefined ? {} : { example: spec.example }) };
  return { requestBody: { required: true, content: { 'application/json': content } } };
}

function replyOf({ reply, replyExample, replyType = 'application/json' }: RouteSpec): Json {
  const content = {
    schema: reply === undefined ? {} : schemaOf(reply),
    ...(replyExample === undefined ? {} : { example: replyExample }),
  };
  return { description: 'Done.', content: { [replyType]: content } };
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  const schema = query === undefined ? {} : schemaOf(query);
  const properties = schema['properties'];
  if (typeof properties !== 'object' || properties === null) return [];
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const fields: [string, unknown][] = Object.entries(properties);
  return fields.map(([name, property]) => ({ name, in: 'query', required: required.includes(name), schema: property }));
}

/** What clients may send. What a schema can't say (a pattern in code, a transformation) is left open. */
function schemaOf(type: z.ZodType): Json {
  const schema = Object.entries(z.toJSONSchema(type, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' }));
  return Object.fromEntries(schema.filter(([name]) => name !== '$schema'));
}
