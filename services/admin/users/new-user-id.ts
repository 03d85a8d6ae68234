import { randomUUID } from 'node:crypto';

/** An id for somebody whom nobody has given one. */
export function newUserId(): string {
  return randomUUID();
}
