import { describe, expect, test } from 'vitest';
import { compileSchema } from './compile-schema.ts';

describe('a schema that came with a request', () => {
  test('is checked, whatever draft and id it names', () => {
    const check = compileSchema({ $schema: 'urn:none', $id: 'a', type: 'object', required: ['a'], properties: { a: { type: 'integer' } } });
    expect([check?.({ a: 1 }), check?.({ a: 'x' }), check?.({})]).toEqual([true, false, false]);
  });

  test('can not keep the process busy with its patterns', () => {
    const check = compileSchema({ type: 'string', pattern: '^(a+)+$' });
    const startedAt = performance.now();
    expect(check?.(`${'a'.repeat(50_000)}!`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test.each([
    ['no schema', { type: 'nothing' }],
    ['a pattern that is none', { type: 'string', pattern: '(' }],
    ['too large', { enum: ['x'.repeat(70_000)] }],
  ])('is none: %s', (_what, schema) => {
    expect(compileSchema(schema)).toBeUndefined();
  });
});
