import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from './json.ts';
import { sampleFromSchema } from './sample-from-schema.ts';

const tree = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});

const linked = z.object({
  value: z.number(),
  get next() {
    return linked.nullable();
  },
});

describe('a sample passes the validator its schema comes from', () => {
  test.each<[string, z.ZodType]>([
    ['flat object', z.object({ city: z.string(), days: z.int().min(3).max(5), metric: z.boolean() })],
    ['enum, literal, null', z.object({ unit: z.enum(['c', 'f']), kind: z.literal('x'), none: z.null() })],
    ['optional and nullable', z.object({ a: z.string().optional(), b: z.number().nullable() })],
    ['arrays', z.object({ tags: z.array(z.string()).min(2).max(3), none: z.array(z.int()).length(0) })],
    ['tuple', z.tuple([z.string(), z.int(), z.boolean()])],
    ['union', z.union([z.object({ a: z.string() }), z.int()])],
    ['intersection', z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() }))],
    ['bounded text', z.object({ short: z.string().max(3), long: z.string().min(40) })],
    ['formats', z.object({ at: z.iso.datetime(), day: z.iso.date(), id: z.uuid(), mail: z.email(), site: z.url() })],
    [
      'numbers',
      z.object({ a: z.number().gt(0).lt(1), b: z.int().negative(), c: z.number().multipleOf(0.25).min(7.1), d: z.int().min(1000) }),
    ],
    ['recursive list', tree],
    ['recursive nullable', linked],
    ['record and unknown', z.object({ map: z.record(z.string(), z.int()), any: z.unknown() })],
  ])('%s', (_, schema) => {
    const made = sampleFromSchema(z.toJSONSchema(schema) as JsonObject);
    expect(schema.safeParse(made)).toMatchObject({ success: true });
  });
});

test('a schema that has no finite value ends all the same', () => {
  const endless = { type: 'object', properties: { me: { $ref: '#' } }, required: ['me'] };
  expect(JSON.stringify(sampleFromSchema(endless)).length).toBeLessThan(1_000);
});

test('a $ref that leads nowhere, or to itself, is any value', () => {
  expect(sampleFromSchema({ $ref: '#/$defs/missing' })).toBeTypeOf('string');
  expect(sampleFromSchema({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } })).toBeTypeOf('string');
});

test('examples and defaults are preferred', () => {
  expect(sampleFromSchema({ type: 'object', properties: { a: { type: 'string', default: 'x' }, b: { examples: [7] } } })).toEqual({
    a: 'x',
    b: 7,
  });
});
