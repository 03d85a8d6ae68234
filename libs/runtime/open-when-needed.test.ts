import { expect, test } from 'vitest';
import { openWhenNeeded } from './open-when-needed.ts';

test('all who ask share one opening, and nobody who does not ask causes one', async () => {
  let openings = 0;
  const store = openWhenNeeded(() => Promise.resolve((openings += 1)));
  expect(openings).toBe(0);
  expect(await Promise.all([store(), store()])).toEqual([1, 1]);
  expect(await store()).toBe(1);
});

test('a failure is told to those who waited for it, and the next one tries again', async () => {
  let openings = 0;
  const store = openWhenNeeded(() => ((openings += 1) === 1 ? Promise.reject(new Error('down')) : Promise.resolve('open')));
  const results = await Promise.allSettled([store(), store()]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await store()).toBe('open');
  expect(openings).toBe(2);
});
