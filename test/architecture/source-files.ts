import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Paths below the repository of the code that ships: no tests, no fixtures, no test servers. */
export function productionFiles(): string[] {
  return globSync('{libs,services}/**/*.{ts,mjs}', { cwd: ROOT })
    .filter((path) => !path.endsWith('.test.ts') && !path.includes('/fixtures/') && !path.startsWith('libs/testing/'))
    .toSorted();
}
