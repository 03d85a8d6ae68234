import { fileURLToPath } from 'node:url';
import type { Environment } from '#runtime';

/** Where Node keeps compiled code between starts: 100 instead of 160 ms for an empty service. Beside what it is made from. */
export function compileCacheFolder(env: Environment): string {
  return env['NODE_COMPILE_CACHE'] ?? fileURLToPath(new URL('../../node_modules/.cache/headrace', import.meta.url));
}
