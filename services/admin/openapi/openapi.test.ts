import { beforeAll, describe, expect, test } from 'vitest';
import { createAdminApp } from '../app.ts';
import { ROUTE_POLICY } from '../auth/route-policy.ts';
import type { AdminResources } from '../resources.ts';
import { GATEWAY_ROUTES } from './gateway-routes.ts';
import type { OpenapiDocument } from './openapi-document.ts';
import { pathOf } from './path-of.ts';

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Record<string, unknown>; readonly example?: unknown }> };
  readonly responses: Record<string, { readonly description?: string; readonly $ref?: string }>;
};

// routes are registered without touching what they work with
const app = createAdminApp({ log: { info() {}, warn() {}, error() {} } } as unknown as AdminResources);
let document: OpenapiDocument;
let operations: { readonly name: string; readonly method: string; readonly path: string; readonly operation: Operation }[];

beforeAll(async () => {
  await app.ready();
  document = (await app.inject('/openapi.json')).json();
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation: operation as unknown as Operation,
    })),
  );
});

/** They do something with the key that calls them, and need no more. */
const ABOUT_THE_CALLER = new Set(['POST /key/health', 'POST /key/rotated']);
const gateway = new Set(GATEWAY_ROUTES.map(({ method, url }) => `${method} ${pathOf(url)}`));

describe('the API document', () => {
  test('has every route that somebody may call, and no other', () => {
    const documented = new Set(operations.map(({ name }) => name));
    const registered = Object.keys(ROUTE_POLICY).filter((route) => {
      const [method = '', url = ''] = route.split(' ');
      return app.hasRoute({ method, url });
    });
    expect(registered.length).toBeGreaterThan(20);
    expect(registered.map((route) => pathOf(route)).filter((route) => !documented.has(route))).toEqual([]);
    const real = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
    const unknown = operations.filter(({ name, method, path }) => !gateway.has(name) && !app.hasRoute({ method, url: real(path) }));
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  test('says of each what it does, in which group, and what it takes', () => {
    expect(
      operations.filter(({ operation, name }) => operation.summary === name.replaceAll(/\{(\w+)\}/g, ':$1')).map(({ name }) => name),
    ).toEqual([]);
    const withBody = operations.filter(({ method, name }) => ['POST', 'PATCH', 'PUT'].includes(method) && !gateway.has(name));
    const takesNothing = ({ requestBody, parameters }: Operation): boolean => requestBody === undefined && parameters === undefined;
    expect(
      withBody.filter(({ operation, name }) => takesNothing(operation) && !ABOUT_THE_CALLER.has(name)).map(({ name }) => name),
    ).toEqual([]);
    for (const { operation } of operations)
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...operation.tags]));
  });

  test('is an OpenAPI 3.1 document: unique ids, parameters of the path, references that lead somewhere', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      expect(path).toMatch(/^\/[\w/{}.-]*$/);
      const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(named);
      for (const parameter of operation.parameters ?? []) expect(parameter.schema).toBeTypeOf('object');
      for (const response of Object.values(operation.responses)) expect(response.description ?? response.$ref).toBeTypeOf('string');
    }
    for (const [, ref = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) expect(lookUp(ref), ref).toBeDefined();
    expect(JSON.stringify(document)).not.toContain('"$schema"');
  });

  test('shows the fields of a body and of a query, made from the schemas that read them', () => {
    const made = document.paths['/model/new']?.['post'] as unknown as Operation;
    const content = made.requestBody?.content['application/json'];
    expect(content?.schema).toMatchObject({ required: ['model_name', 'litellm_params'] });
    expect(content?.example).toMatchObject({ model_name: 'agent-planner' });
    expect(made).toMatchObject({ description: expect.stringContaining('For: proxy_admin') });
    const fallback = document.paths['/fallback/{model}']?.['get'] as unknown as Operation;
    expect(fallback.parameters?.map(({ name, in: place }) => `${place} ${name}`)).toEqual(['path model', 'query fallback_type']);
  });
});

function lookUp(ref: string): unknown {
  expect(ref).toMatch(/^#\//);
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

describe('Swagger UI', () => {
  test.each([
    '/docs',
    '/docs/',
    '/docs/static/swagger-ui.css',
    '/docs/static/swagger-ui-bundle.js',
    '/docs/static/swagger-initializer.js',
    '/docs/json',
  ])('%s is there without a key', async (path) => {
    const answer = await app.inject(path);
    expect(answer.statusCode).toBe(200);
    expect(answer.body.length).toBeGreaterThan(100);
  });

  test('loads nothing from elsewhere', async () => {
    const page = await app.inject('/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test('is where the root leads to', async () => {
    const answer = await app.inject('/');
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/docs']);
  });
});
