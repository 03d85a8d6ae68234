import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChurnMap } from './churn-map.ts';

/** Few keys, so that most operations meet an entry that is there, was there, or is set again. */
const operation = fc.oneof(
  fc.record({ type: fc.constant('set' as const), key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.nat() }),
  fc.record({ type: fc.constant('delete' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }),
);

test('holds what a Map would hold, in its order, after any operations', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const map = new Map<string, { value: number }>();
      const churned = new ChurnMap<{ value: number }>();
      for (const one of operations) {
        if (one.type === 'delete') expect(churned.delete(one.key)).toBe(map.delete(one.key));
        else {
          const value = { value: one.value };
          map.set(one.key, value);
          churned.set(one.key, value);
        }
        expect(churned.size).toBe(map.size);
        for (const key of ['a', 'b', 'c', 'd']) expect(churned.get(key)).toBe(map.get(key));
      }
      expect([...churned.entries()]).toEqual([...map.entries()]);
      expect([...churned.values()]).toEqual([...map.values()]);
    }),
  );
});

test('entries may be deleted while they are gone through', () => {
  const map = new ChurnMap<{ name: string }>();
  for (const name of ['a', 'b', 'c']) map.set(name, { name });
  const seen: string[] = [];
  for (const [key] of map.entries()) {
    seen.push(key);
    map.delete('b');
  }
  expect(seen).toEqual(['a', 'c']);
});
